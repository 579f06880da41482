const DAY_MS = 86_400_000;

/** Days after its link ran out, or was refused, that an unconfirmed sign-up and a person who has nothing else are kept. */
export const UNCONFIRMED_DAYS = 14;
/** Days that the network and the browser behind a declaration are kept: long enough to look into abuse. */
export const NETWORK_DAYS = 90;
/** Months that a delivery is kept with its address: a year of a reader's questions and a month to ask them. */
export const DELIVERY_MONTHS = 13;
/** Days that a worker process that ended is still known: long enough to look into what it did. */
export const WORKER_DAYS = 7;

/** What was before these moments goes. */
export interface RetentionLimits {
  readonly unconfirmed: Date;
  readonly networks: Date;
  /** Somebody who left before this: the end of the third year is past (`evidenceEndsAt`). */
  readonly evidence: Date;
  readonly deliveries: Date;
  readonly workers: Date;
}

export function limitsAt(now: Date): RetentionLimits {
  const deliveries = new Date(now);
  deliveries.setUTCMonth(now.getUTCMonth() - DELIVERY_MONTHS);
  return {
    unconfirmed: new Date(now.getTime() - UNCONFIRMED_DAYS * DAY_MS),
    networks: new Date(now.getTime() - NETWORK_DAYS * DAY_MS),
    evidence: new Date(Date.UTC(now.getUTCFullYear() - 3, 0, 1)),
    deliveries,
    workers: new Date(now.getTime() - WORKER_DAYS * DAY_MS),
  };
}
