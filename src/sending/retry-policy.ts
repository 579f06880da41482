import type { ClaimedDelivery, DeliveryKind, DeliveryOutcome, SmtpReply } from '../deliveries/index.ts';
import type { Random } from '../shared/random.ts';

const MINUTE = 60_000;

/**
 * Minutes to wait after the first, second ... refusal; the last repeats. Bulk keeps the half hour of RFC 5321 4.5.4.1; a
 * person who waits for a confirmation is tried again sooner, since greylisting ends after a few minutes.
 */
const BACKOFF_MINUTES: Readonly<Record<DeliveryKind, readonly [number, ...number[]]>> = {
  campaign: [30, 60, 120, 240],
  issue: [30, 60, 120, 240],
  confirm: [1, 5, 10, 30],
  welcome: [5, 15, 30, 60],
  test: [1, 5, 15],
  system: [1, 5, 15, 30],
};

/** Nobody has refused this reader: a connection broke, a lease ran out, or the pause of relay or domain is what slows down. */
const SOON_MINUTES: readonly [number, ...number[]] = [0.5, 2, 10, 30];

export type RetryPace = 'backoff' | 'soon';

/** Up to a fifth later than the step says, so that what was refused together does not come back together. */
export function retryAt(
  delivery: Pick<ClaimedDelivery, 'kind' | 'attempt'>,
  now: Date,
  random: Random,
  pace: RetryPace,
): Date {
  const steps = pace === 'backoff' ? BACKOFF_MINUTES[delivery.kind] : SOON_MINUTES;
  const minutes = steps[Math.min(delivery.attempt, steps.length) - 1] ?? steps[0];
  const jitter = 1 + (random.bytes(1).readUInt8(0) / 255) * 0.2;
  return new Date(now.getTime() + minutes * MINUTE * jitter);
}

/** Tried again later, unless that is past the give-up time. Without a reply nobody has refused anything. */
export function deferLater(
  delivery: Pick<ClaimedDelivery, 'kind' | 'attempt' | 'giveUpAt'>,
  cause: { readonly reason: string; readonly reply: SmtpReply | undefined },
  now: Date,
  random: Random,
  pace: RetryPace = cause.reply === undefined ? 'soon' : 'backoff',
): DeliveryOutcome {
  const at = retryAt(delivery, now, random, pace);
  return at >= delivery.giveUpAt
    ? { state: 'rejected', reason: 'expired', reply: cause.reply }
    : { state: 'deferred', ...cause, retryAt: at };
}
