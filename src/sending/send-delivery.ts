import type { ClaimedDelivery, DeliveryOutcome } from '../deliveries/index.ts';
import type { SendResult, SmtpPhase, SmtpSession } from '../platform/smtp/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Random } from '../shared/random.ts';
import { readReply } from './reply-rules.ts';
import { deferLater, outcomeOfRefusal } from './retry-policy.ts';

export interface SendGuards {
  /** The gate must be younger than three seconds when DATA begins; asks it again when it is older. */
  readonly mayBegin: () => Promise<boolean>;
  /** Commits `dot_pending`; true only if the row and the lease are still ours. */
  readonly commitDot: () => Promise<boolean>;
  /** The last look, on the monotonic clock, after the commit. */
  readonly isLeaseAlive: () => boolean;
}

/**
 * What one try led to. `turned-away`: the gate or a sweep took the row, nothing is to be written. `untouched`: the relay
 * failed before it knew of this reader, the row goes back as if never claimed.
 */
export type AttemptResult =
  | { readonly kind: 'settled'; readonly outcome: DeliveryOutcome; readonly relayTrouble: string | null }
  | { readonly kind: 'turned-away' }
  | { readonly kind: 'untouched'; readonly relayTrouble: string | null };

interface Attempt {
  readonly delivery: ClaimedDelivery;
  readonly session: SmtpSession;
  /** A server may close a connection that has carried mails, without a word: that tells nothing about this one. */
  readonly isReused: boolean;
  readonly message: { readonly from: string; readonly bytes: Buffer };
}

/** `stale`: a used connection broke before the server had the envelope; try on a fresh one. */
export async function sendDelivery(
  deps: { readonly clock: Clock; readonly random: Random },
  attempt: Attempt,
  guards: SendGuards,
): Promise<AttemptResult | { readonly kind: 'stale' }> {
  const { delivery, session, message } = attempt;
  const progress = { isDotCommitted: false };
  const result = await session.send(
    { from: message.from, to: delivery.address, bytes: message.bytes },
    {
      beforeBody: guards.mayBegin,
      beforeDot: async () => {
        progress.isDotCommitted = await guards.commitDot();
        return progress.isDotCommitted && guards.isLeaseAlive();
      },
    },
  );
  const isEarly = result.kind === 'broken' && (result.phase === 'connect' || result.phase === 'envelope');
  return isEarly && attempt.isReused ? { kind: 'stale' } : interpret(deps, delivery, result, progress.isDotCommitted);
}

function interpret(
  deps: { readonly clock: Clock; readonly random: Random },
  delivery: ClaimedDelivery,
  result: SendResult,
  isDotCommitted: boolean,
): AttemptResult {
  const later = (reason: string, relayTrouble: string | null = null): AttemptResult => ({
    kind: 'settled',
    outcome: deferLater(delivery, { reason, reply: undefined }, deps.clock.now(), deps.random),
    relayTrouble,
  });
  switch (result.kind) {
    case 'accepted':
      return settled({ state: 'accepted', reply: result.reply });
    case 'refused':
      return interpretRefusal(deps, delivery, result);
    case 'unsendable':
      return settled({ state: 'rejected', reason: result.reason, reply: undefined, suppress: false });
    case 'broken':
      return interpretBreak(result.phase, later);
    case 'withheld':
      // The dot was committed, but the lease was over: the socket is gone and the server has no message.
      return isDotCommitted ? later('lease_lost') : { kind: 'turned-away' };
    default:
      return result satisfies never;
  }
}

function settled(outcome: DeliveryOutcome, relayTrouble: string | null = null): AttemptResult {
  return { kind: 'settled', outcome, relayTrouble };
}

function interpretBreak(
  phase: SmtpPhase,
  later: (reason: string, relayTrouble?: string) => AttemptResult,
): AttemptResult {
  switch (phase) {
    case 'connect':
      return { kind: 'untouched', relayTrouble: 'connection_lost' };
    case 'envelope':
      return later('connection_lost', 'connection_lost');
    case 'before-dot':
      return later('connection_lost');
    case 'after-dot':
      return settled({ state: 'ambiguous', reason: 'reply_never_came', reply: undefined });
    default:
      return phase satisfies never;
  }
}

function interpretRefusal(
  deps: { readonly clock: Clock; readonly random: Random },
  delivery: ClaimedDelivery,
  { reply, stage }: Extract<SendResult, { kind: 'refused' }>,
): AttemptResult {
  const now = deps.clock.now();
  const meaning = readReply(reply);
  const trouble = `${meaning.reason} ${reply.code}`;
  const isAboutUs = reply.code === 421 || ['credentials', 'protocol', 'sender'].includes(meaning.class);
  if (stage !== 'mail' || meaning.reason === 'message_too_large') {
    return settled(outcomeOfRefusal(delivery, reply, now, deps.random), isAboutUs ? trouble : null);
  }
  // The server has not heard of the reader yet: whatever it says to MAIL FROM is about the sender.
  return isAboutUs
    ? { kind: 'untouched', relayTrouble: trouble }
    : settled(deferLater(delivery, { reason: 'sender_refused', reply }, now, deps.random), trouble);
}
