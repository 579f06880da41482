/**
 * Until when evidence of a consent may be kept after it ended: claims lapse three years after the end of the year they arose in
 * (in Germany BGB 195, 199), so to the end of the third year after the last withdrawal. In UTC, which is never earlier than the
 * publisher's own new year in Europe.
 */
export function evidenceEndsAt(withdrawnAt: Date): Date {
  return new Date(Date.UTC(withdrawnAt.getUTCFullYear() + 4, 0, 1));
}
