export { RELEASE_HOLD } from './hold.ts';
export type { WaitingMails } from './hold.ts';
export { holdIfLongStopped } from './hold-if-long-stopped.ts';
export { readHolds } from './holds.repository.ts';
export { readSending } from './read-sending.ts';
export type { SendingState } from './read-sending.ts';
export { sendingRoutes } from './sending.routes.ts';
export { releaseSending, resumeSending, stopSending } from './steer-sending.ts';
