import { z } from 'zod';

/** A lane is a queue of its own, so that bulk never delays a confirmation. */
export const LANES = ['transactional', 'campaigns', 'digests', 'feeds', 'events', 'maintenance'] as const;
export type Lane = (typeof LANES)[number];

/** The lanes that deliveries are sent in. */
export const SENDING_LANES = ['transactional', 'campaigns', 'digests'] as const satisfies readonly Lane[];
export type SendingLane = (typeof SENDING_LANES)[number];

interface JobContract {
  readonly lane: Lane;
  /** Ids only: a payload never holds an address, a name or a token. */
  readonly payload: z.ZodType;
  /** Tries in all; rows are the record, so after the last one the sweep rings again. */
  readonly attempts: number;
  /** First backoff; doubles each time, with jitter. */
  readonly backoffMs: number;
  /** While a job of the same payload waits or runs, another ring makes none. For jobs whose rows name what is due. */
  readonly isOnce?: true;
}

const nothing = z.strictObject({});
const id = z.number().int().positive();

/**
 * Every job there is. A job only rings: the rows say what is due, and each processor may run twice, at the same time, or
 * never (then the sweep rings within a minute).
 */
export const JOBS = {
  'decide-signups': { lane: 'transactional', payload: nothing, attempts: 3, backoffMs: 1000 },
  'mail-preferences': { lane: 'transactional', payload: nothing, attempts: 3, backoffMs: 1000 },
  'send-transactional': { lane: 'transactional', payload: nothing, attempts: 3, backoffMs: 1000 },
  'send-campaigns': { lane: 'campaigns', payload: nothing, attempts: 3, backoffMs: 1000 },
  'start-campaign': { lane: 'campaigns', payload: z.strictObject({ campaignId: id }), attempts: 5, backoffMs: 2000 },
  'send-digests': { lane: 'digests', payload: nothing, attempts: 3, backoffMs: 1000 },
  'build-issue': { lane: 'digests', payload: z.strictObject({ newsletterId: id }), attempts: 5, backoffMs: 2000 },
  'poll-feed': { lane: 'feeds', payload: z.strictObject({ feedId: id }), attempts: 2, backoffMs: 5000, isOnce: true },
  'settle-campaign': { lane: 'events', payload: z.strictObject({ campaignId: id }), attempts: 3, backoffMs: 1000 },
  'watch-issues': { lane: 'events', payload: nothing, attempts: 1, backoffMs: 1000 },
  'seal-consent': { lane: 'maintenance', payload: nothing, attempts: 3, backoffMs: 1000 },
  'apply-retention': { lane: 'maintenance', payload: nothing, attempts: 1, backoffMs: 1000 },
  sweep: { lane: 'maintenance', payload: nothing, attempts: 1, backoffMs: 1000 },
} as const satisfies Readonly<Record<string, JobContract>>;

export type JobName = keyof typeof JOBS;
export type JobPayload<Name extends JobName> = z.infer<(typeof JOBS)[Name]['payload']>;

/**
 * Rings for a committed row. Never throws and never waits for the queue: a request must not feel that the queue is down,
 * and the sweep rings again for whatever was missed.
 */
export interface Doorbell {
  ring<Name extends JobName>(name: Name, payload: JobPayload<Name>): void;
}
