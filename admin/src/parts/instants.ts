/** `23 Nov 2026, 08:00` in the zone given; the browser's language. */
export function formatInstant(iso: string | null, timeZone: string): string {
  return iso === null
    ? '–'
    : new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(iso));
}

/** `Monday 23 November, 08:00 CET`. */
export function formatMoment(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat(undefined, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
    timeZoneName: 'short',
  }).format(new Date(iso));
}

const STEPS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** `3 minutes ago`, `in 2 hours`. */
export function formatDistance(iso: string, nowMs: number): string {
  const seconds = (new Date(iso).getTime() - nowMs) / 1000;
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const step = STEPS.find((candidate) => Math.abs(seconds) >= candidate.seconds);
  return step === undefined ? 'just now' : words.format(Math.trunc(seconds / step.seconds), step.unit);
}

/** `2 days 04:05:06`, `04:05:06` on the last day, `05:06` in the last hour; never below zero. */
export function formatCountdown(untilMs: number): string {
  const seconds = Math.max(0, Math.ceil(untilMs / 1000));
  const days = Math.floor(seconds / 86_400);
  const clock = [seconds / 3600, seconds / 60, seconds]
    .map((value, index) => Math.floor(value) % (index === 0 ? 24 : 60))
    .map((value) => String(value).padStart(2, '0'))
    .slice(seconds < 3600 ? 1 : 0)
    .join(':');
  return days === 0 ? clock : `${days} ${days === 1 ? 'day' : 'days'} ${clock}`;
}

export function formatDuration(seconds: number): string {
  if (seconds < 90) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export function formatCount(count: number): string {
  return new Intl.NumberFormat().format(count);
}

/** `1 article`, `2 articles`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
