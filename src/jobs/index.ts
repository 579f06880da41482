export { JOBS, LANES, SENDING_LANES } from './contracts.ts';
export type { Doorbell, JobName, JobPayload, Lane, SendingLane } from './contracts.ts';
