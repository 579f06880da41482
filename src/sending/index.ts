export { createMailBuilder } from './build-mail.ts';
export { startEngine } from './engine.ts';
export type { Engine } from './engine.ts';
export { recordForgottenConfirmations } from './record-confirmations.ts';
