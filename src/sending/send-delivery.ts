import type { ClaimedDelivery, DeliveryOutcome } from '../deliveries/index.ts';
import type { SendResult, SmtpSession } from '../platform/smtp/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Random } from '../shared/random.ts';
import { readReply } from './reply-rules.ts';
import { outcomeOfRefusal, retryAt } from './retry-policy.ts';

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
  | { readonly kind: 'untouched'; readonly relayTrouble: string };

export async function sendDelivery(
  deps: { readonly clock: Clock; readonly random: Random },
  session: SmtpSession,
  delivery: ClaimedDelivery,
  message: { readonly from: string; readonly bytes: Buffer },
  guards: SendGuards,
): Promise<AttemptResult> {
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
  return interpret(deps, delivery, result, progress.isDotCommitted);
}

function interpret(
  deps: { readonly clock: Clock; readonly random: Random },
  delivery: ClaimedDelivery,
  result: SendResult,
  isDotCommitted: boolean,
): AttemptResult {
  const now = deps.clock.now();
  const settled = (outcome: DeliveryOutcome, relayTrouble: string | null = null): AttemptResult => ({
    kind: 'settled',
    outcome,
    relayTrouble,
  });
  const later = (reason: string): AttemptResult =>
    settled({ state: 'deferred', reason, reply: undefined, retryAt: retryAt(delivery, now, deps.random) });
  switch (result.kind) {
    case 'accepted':
      return settled({ state: 'accepted', reply: result.reply });
    case 'refused': {
      const meaning = readReply(result.reply);
      const isAboutUs = result.reply.code === 421 || ['credentials', 'protocol', 'sender'].includes(meaning.class);
      if (isAboutUs && result.stage === 'mail' && !isDotCommitted) {
        return { kind: 'untouched', relayTrouble: `${meaning.reason} ${result.reply.code}` };
      }
      return settled(
        outcomeOfRefusal(delivery, result.reply, now, deps.random),
        isAboutUs ? `${meaning.reason} ${result.reply.code}` : null,
      );
    }
    case 'broken':
      return result.phase === 'after-dot'
        ? settled({ state: 'ambiguous', reason: 'reply_never_came', reply: undefined })
        : later('connection_lost');
    case 'withheld':
      // The dot was committed, but the lease was over: the socket is gone and the server has no message.
      return isDotCommitted ? later('lease_lost') : { kind: 'turned-away' };
    default:
      return result satisfies never;
  }
}
