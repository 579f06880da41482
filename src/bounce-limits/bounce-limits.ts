import { z } from 'zod';

const percent = z.number().min(0.1).max(100);
const count = z.number().int().min(1).max(100_000);

const limits = z.strictObject({
  /** So many outcomes of a campaign are looked at, the last ones. */
  window: z.number().int().min(50).max(10_000),
  /** A campaign stands still when more than this share of them were addresses that do not exist, and at least so many. */
  hardPercent: percent,
  hardAtLeast: count,
  /** Likewise for mails refused for what they say or who sends them. */
  refusedPercent: percent,
  refusedAtLeast: count,
  /** An address is closed after so many soft refusals within so many days, with no acceptance in between. */
  softFailures: count,
  softDays: z.number().int().min(1).max(365),
});
/** When refusals have consequences. */
export type BounceLimits = z.output<typeof limits>;

export const DEFAULT_BOUNCE_LIMITS: BounceLimits = {
  window: 500,
  hardPercent: 5,
  hardAtLeast: 25,
  refusedPercent: 20,
  refusedAtLeast: 25,
  softFailures: 3,
  softDays: 30,
};

export const bounceLimitChangesSchema = limits.partial();
export type BounceLimitChanges = z.output<typeof bounceLimitChangesSchema>;
