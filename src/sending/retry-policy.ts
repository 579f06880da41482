import type { ClaimedDelivery, DeliveryKind, DeliveryOutcome, SmtpReply } from '../deliveries/index.ts';
import type { Random } from '../shared/random.ts';
import { readReply } from './reply-rules.ts';

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

/** After a connection that broke or a lease that ran out nobody has refused anything: no reader should wait for that. */
const BROKEN_MINUTES: readonly [number, ...number[]] = [0.5, 2, 10, 30];

export function retryAt(
  delivery: Pick<ClaimedDelivery, 'kind' | 'attempt'>,
  now: Date,
  random: Random,
  wasRefused = true,
): Date {
  const steps = wasRefused ? BACKOFF_MINUTES[delivery.kind] : BROKEN_MINUTES;
  const minutes = steps[Math.min(delivery.attempt, steps.length) - 1] ?? steps[0];
  const jitter = 1 + (random.bytes(1).readUInt8(0) / 255) * 0.2;
  return new Date(now.getTime() + minutes * MINUTE * jitter);
}

/** What a refusal does to this delivery. A temporary one past the give-up time ends it. */
export function outcomeOfRefusal(
  delivery: Pick<ClaimedDelivery, 'kind' | 'attempt' | 'giveUpAt'>,
  reply: SmtpReply,
  now: Date,
  random: Random,
): DeliveryOutcome {
  const meaning = readReply(reply);
  if (meaning.isPermanent && meaning.class !== 'credentials') {
    return { state: 'rejected', reason: meaning.reason, reply, suppress: meaning.class === 'hard' };
  }
  return deferLater(delivery, { reason: meaning.reason, reply }, now, random);
}

/** Tried again after the backoff, unless that is past the give-up time. */
export function deferLater(
  delivery: Pick<ClaimedDelivery, 'kind' | 'attempt' | 'giveUpAt'>,
  cause: { readonly reason: string; readonly reply: SmtpReply | undefined },
  now: Date,
  random: Random,
): DeliveryOutcome {
  const at = retryAt(delivery, now, random, cause.reply !== undefined);
  return at >= delivery.giveUpAt
    ? { state: 'rejected', reason: 'expired', reply: cause.reply, suppress: false }
    : { state: 'deferred', ...cause, retryAt: at };
}
