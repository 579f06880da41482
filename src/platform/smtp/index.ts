export { openSmtpSession } from './smtp-session.ts';
export type { SessionOptions, SmtpSession } from './smtp-session.ts';
export type { SmtpTimeouts } from './smtp-timeouts.ts';
export type { SmtpTransaction } from './smtp-transaction.ts';
export type { SmtpEnvelope } from './smtp-features.ts';
export type { FinishResult, ReadyResult, SmtpPhase } from './smtp-result.ts';
export { parseReply } from './smtp-reply.ts';
export { createBulkMailer, createBulkTransport } from './smtp-transport.ts';
