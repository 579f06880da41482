/** Time as a dependency, so that tests can move it. */
export interface Clock {
  now(): Date;
  /** Milliseconds that never jump; for leases and deadlines within one process only. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
