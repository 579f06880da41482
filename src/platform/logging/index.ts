export { createLogger } from './logger.ts';
export type { Logger } from './logger.ts';
export { createOutageLog, errorCode } from './outage.ts';
export type { OutageLog } from './outage.ts';
