import { isInEffect } from '../legal/index.ts';
import type { LegalDocument } from '../legal/index.ts';

/** The version of the terms that somebody accepted last. */
export interface Acceptance {
  readonly document: LegalDocument;
  readonly acceptedAt: Date;
}

/**
 * Whether there is anything to ask: a version that wants to be accepted has taken effect since the one that was accepted.
 * Versions are compared by their numbers within a language, and by their dates between two: whoever accepted the German text
 * is not asked again because the English one followed, unless it was published after that.
 */
export function needsAcceptance(
  all: readonly LegalDocument[],
  asked: Pick<LegalDocument, 'locale'>,
  accepted: Acceptance | undefined,
  now: Date,
): boolean {
  if (accepted === undefined) {
    return true;
  }
  const { document, acceptedAt } = accepted;
  return all.some(
    (newer) =>
      newer.kind === 'terms' &&
      newer.change === 'acceptance' &&
      isInEffect(newer, now) &&
      (newer.locale === document.locale
        ? newer.version > document.version
        : newer.locale === asked.locale && newer.publishedAt > acceptedAt),
  );
}
