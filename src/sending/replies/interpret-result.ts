import type { ClaimedDelivery, DeliveryOutcome, SmtpReply } from '../../deliveries/index.ts';
import type { FinishResult, ReadyResult, SmtpPhase } from '../../platform/smtp/index.ts';
import type { Random } from '../../shared/random.ts';
import { deferLater } from '../retry-policy.ts';
import type { RetryPace } from '../retry-policy.ts';
import { readReply } from './read-reply.ts';
import type { ReplyRow } from './reply-table.ts';

/** How a transaction ended. `withheld` is our own doing: ledger or lease said no, and the connection is destroyed before the dot. */
export type TransactionEnd =
  | Exclude<ReadyResult, { kind: 'go' }>
  | FinishResult
  | { readonly kind: 'withheld'; readonly wasDotCommitted: boolean };

export interface Interpretation {
  /**
   * `untouched`: the server had not heard of this reader, the row goes back as if never claimed. `turned-away`: somebody else has
   * the row, nothing is to be written.
   */
  readonly outcome: DeliveryOutcome | 'untouched' | 'turned-away';
  /** Who is to be left alone for a while, and why: a reason and codes, never what the server said. */
  readonly pause?: { readonly scope: 'relay' | 'domain'; readonly reason: string };
  /** The connection is not to be used again. */
  readonly closes: boolean;
}

export interface Tried {
  readonly delivery: Pick<ClaimedDelivery, 'kind' | 'attempt' | 'giveUpAt'>;
  readonly now: Date;
  readonly random: Random;
  /** The connection had carried mails: a server may close such a one without a word, which says nothing about this mail. */
  readonly wasReused: boolean;
}

type Refused = Extract<TransactionEnd, { kind: 'refused' }>;
type Later = (pace: RetryPace, reason: string, reply?: SmtpReply) => DeliveryOutcome;

/** What the end of a transaction means for the delivery, for whom we mail through, and for the connection. Decides only. */
export function interpretResult(end: TransactionEnd, tried: Tried): Interpretation {
  const later: Later = (pace, reason, reply) =>
    deferLater(tried.delivery, { reason, reply }, tried.now, tried.random, pace);
  switch (end.kind) {
    case 'accepted':
      return { outcome: { state: 'accepted', reply: end.reply }, closes: false };
    case 'refused':
      return interpretRefusal(end, tried.delivery.attempt, later);
    case 'unsendable':
      return { outcome: { state: 'rejected', reason: end.reason, reply: undefined }, closes: false };
    case 'broken':
      return interpretBreak(end.phase, later, tried.wasReused);
    case 'withheld':
      // The dot was committed, but the lease was over: the socket is gone and the server has no message.
      return { outcome: end.wasDotCommitted ? later('soon', 'lease_lost') : 'turned-away', closes: true };
    default:
      return end satisfies never;
  }
}

function interpretBreak(phase: SmtpPhase, later: Later, wasReused: boolean): Interpretation {
  if (wasReused && (phase === 'connect' || phase === 'envelope')) {
    return { outcome: 'untouched', closes: true };
  }
  const pause = { scope: 'relay', reason: 'connection_lost' } as const;
  switch (phase) {
    case 'connect':
      return { outcome: 'untouched', pause, closes: true };
    case 'envelope':
      return { outcome: later('soon', 'connection_lost'), pause, closes: true };
    case 'before-dot':
      return { outcome: later('soon', 'connection_lost'), closes: true };
    case 'after-dot':
      // RFC 1047: nobody can know what the server did.
      return { outcome: { state: 'ambiguous', reason: 'reply_never_came', reply: undefined }, closes: true };
    default:
      return phase satisfies never;
  }
}

function interpretRefusal(refused: Refused, attempt: number, later: Later): Interpretation {
  const row = readReply(refused.reply);
  // A server that says 421 closes (RFC 5321 3.8). After a login or a command that was not understood, a fresh one is the way to start over.
  const closes = refused.reply.code === 421 || row.class === 'credentials' || row.class === 'protocol';
  const pause = pauseOf(row, refused);
  return { outcome: outcomeOf(row, refused, attempt, later), ...(pause !== undefined && { pause }), closes };
}

/** What is said to MAIL is about the sender: the server has not heard of the reader, unless it is the size of the mail. */
function isAboutSender(row: ReplyRow, { stage }: Refused): boolean {
  return stage === 'mail' && row.reason !== 'message_too_large';
}

function pauseOf(row: ReplyRow, refused: Refused): Interpretation['pause'] {
  const { code, enhancedCode } = refused.reply;
  const reason = [row.reason, code, ...(enhancedCode === undefined ? [] : [enhancedCode])].join(' ');
  if (isAboutSender(row, refused)) {
    return { scope: 'relay', reason };
  }
  if (row.action.pause !== 'nobody') {
    return { scope: row.action.pause, reason };
  }
  return code === 421 ? { scope: 'relay', reason } : undefined;
}

function outcomeOf(row: ReplyRow, refused: Refused, attempt: number, later: Later): Interpretation['outcome'] {
  const { reply, stage } = refused;
  const { delivery: action } = row.action;
  if (isAboutSender(row, refused)) {
    // What would be refused to every reader (a bad return path) must not come straight back and hold up the others.
    return isAboutRelay(row, reply) ? 'untouched' : later('backoff', 'sender_refused', reply);
  }
  if (row.class === 'credentials' && stage !== 'message') {
    return 'untouched';
  }
  if (action === 'reject' || (action === 'retry-thrice' && attempt >= 3)) {
    return { state: 'rejected', reason: row.reason, reply };
  }
  return later(action === 'retry-soon' || reply.code === 421 ? 'soon' : 'backoff', row.reason, reply);
}

function isAboutRelay(row: ReplyRow, reply: SmtpReply): boolean {
  return reply.code === 421 || row.class === 'credentials' || row.class === 'protocol' || row.class === 'sender';
}
