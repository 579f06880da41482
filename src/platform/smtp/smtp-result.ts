import type { UnsendableReason } from './smtp-features.ts';
import type { SmtpReplyLine } from './smtp-reply.ts';

/**
 * Where a transaction broke off. `connect`: the server has not begun to read it. `envelope`: it has not asked for the message.
 * `after-dot` is the one place where nobody can know what the server did.
 */
export type SmtpPhase = 'connect' | 'envelope' | 'before-dot' | 'after-dot';

export type SmtpStage = 'mail' | 'rcpt' | 'data' | 'message';

export interface Accepted {
  readonly kind: 'accepted';
  readonly reply: SmtpReplyLine;
}

/** The server said no: to the envelope, to DATA, to the message. The session may go on unless it closed. */
export interface Refused<Stage extends SmtpStage = SmtpStage> {
  readonly kind: 'refused';
  readonly reply: SmtpReplyLine;
  readonly stage: Stage;
}

/** The connection broke. Before the dot the message was not accepted. */
export interface Broken<Phase extends SmtpPhase = SmtpPhase> {
  readonly kind: 'broken';
  readonly phase: Phase;
  readonly error: Error;
}

/** It was never offered, since this server cannot take it. */
export interface Unsendable {
  readonly kind: 'unsendable';
  readonly reason: UnsendableReason;
}

export type ReadyResult =
  | { readonly kind: 'go' }
  | Refused<'mail' | 'rcpt' | 'data'>
  | Broken<'connect' | 'envelope'>
  | Unsendable;

export type FinishResult = Accepted | Refused<'message'> | Broken<'before-dot' | 'after-dot'>;
