export { createMailBuilder } from './build-mail.ts';
export type { BuiltMail } from './build-mail.ts';
export type { DeliveryOfMail } from './reader-mail.ts';
export { startEngine } from './engine.ts';
export type { Engine, EngineTiming } from './engine.ts';
export { QUICK_LEASE } from './worker-lease.ts';
export { recordForgottenConfirmations } from './record-confirmations.ts';
