export { parseRelayUrl } from './relay-address.ts';
export type { RelayAddress } from './relay-address.ts';
export { openSmtpSession, parseReply } from './smtp-session.ts';
export type { SendHooks, SendResult, SmtpPhase, SmtpSession } from './smtp-session.ts';
export { composeMessage } from './compose-message.ts';
export type { MessageInput } from './compose-message.ts';
