import { z } from 'zod';
import { sendWindowSchema } from '../newsletters/index.ts';
import { ambiguousPolicySchema } from './campaign-input.ts';
import type { SendTiming, StartTime } from './plan-start.ts';

/** How a campaign is sent, as the API takes it. */
export const sendSchema = z
  .strictObject({
    expectedCount: z.number().int().nonnegative(),
    immediately: z.literal(true).optional(),
    /** With an offset; without one only by local time, as the readers' clocks show it. */
    at: z.iso.datetime({ offset: true, local: true }).optional(),
    localTime: z.boolean().optional(),
    window: sendWindowSchema.nullish(),
    ambiguousPolicy: ambiguousPolicySchema.optional(),
  })
  .refine((body) => body.immediately === undefined || body.at === undefined, {
    path: ['at'],
    message: 'Choose either a time or "immediately".',
    params: { code: 'start_ambiguous' },
  });
type SendInput = z.output<typeof sendSchema>;

export function toStartTime({ at, immediately }: Pick<SendInput, 'at' | 'immediately'>): StartTime {
  if (at !== undefined) {
    return readStartTime(at);
  }
  return { kind: immediately === true ? 'immediately' : 'after-undo-time' };
}

/** An instant in RFC 3339, or without an offset what clocks show. */
function readStartTime(at: string): StartTime {
  const wall = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.\d+)?$/i.exec(at);
  return wall === null
    ? { kind: 'at', at: new Date(at) }
    : { kind: 'at-wall-clock', wall: `${wall[1] ?? ''}${wall[2] ?? ':00'}` };
}

export function toTiming({ localTime, window }: Pick<SendInput, 'localTime' | 'window'>): SendTiming {
  return { localTime: localTime ?? false, window: window ?? null };
}
