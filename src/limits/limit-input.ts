import { z } from 'zod';
import { parseScope } from './limit.ts';
import type { SendingLimit } from './limit.ts';

export const scopeSchema = z.string().transform((value, context) => {
  const scope = parseScope(value);
  if (scope === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'Use overall, relay:HOST:PORT, domain:NAME, or domain:* for every domain by itself.',
      params: { code: 'scope_invalid' },
    });
    return z.NEVER;
  }
  return scope;
});

const count = z.number().int().min(1).max(1_000_000_000).nullish();

/** What is left out is not limited. */
export const limitSchema = z
  .strictObject({
    perSecond: z.number().min(0.001).max(100_000).nullish(),
    perHour: count,
    perDay: count,
    concurrency: count,
  })
  .transform(({ perSecond, perHour, perDay, concurrency }): SendingLimit => ({
    perSecond: perSecond ?? null,
    perHour: perHour ?? null,
    perDay: perDay ?? null,
    concurrency: concurrency ?? null,
  }))
  .refine((limit) => Object.values(limit).some((value) => value !== null), {
    message: 'Say how much: perSecond, perHour, perDay or concurrency.',
    params: { code: 'limit_empty' },
  });
