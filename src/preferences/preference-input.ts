import { z } from 'zod';
import { LOCALES } from '../i18n/index.ts';
import { FREQUENCIES, isTimeZone } from '../newsletters/index.ts';
import type { NewsletterId } from '../shared/ids.ts';

/*
 * Forms post the state that is wanted, never a step from the one before: the back button, a double click and a second tab then lead
 * to what the reader pressed last.
 */

const newsletterId = z.coerce
  .number()
  .int()
  .positive()
  .transform((id) => id as NewsletterId);
/** An empty choice means all of them; none at all is refused. */
const someOrAll = z.union([z.literal('').transform(() => null), newsletterId]);
const day = z.iso.date().transform((text) => new Date(`${text}T00:00:00Z`));

/** A field that comes once, several times or not at all. What is no id is nothing, and does no harm. */
const ids = z.preprocess(
  (value) =>
    [value ?? []]
      .flat()
      .flatMap((one) => (typeof one === 'string' ? one.split(',') : []))
      .filter((one) => /^\d{1,15}$/.test(one))
      .map(Number),
  z.array(z.number()),
);
/** Which sections and how often; `shown` are the sections that the page had. */
const choose = z
  .object({
    action: z.literal('choose'),
    newsletterId,
    sections: ids,
    shown: ids,
    // Empty: every issue.
    frequency: z
      .enum(['', ...FREQUENCIES])
      .optional()
      .catch(undefined),
  })
  .transform(({ sections: ticked, shown, frequency, ...wish }) => ({
    ...wish,
    sections: ticked.length === 0 && shown.length === 0 ? undefined : { ticked, shown },
    frequency: frequency === '' ? null : frequency,
  }));

/** What the link of a mail may do. Without an action it is leaving one newsletter, or with `scope=all` all of them. */
export const reduceSchema = z.preprocess(
  (body) => (typeof body === 'object' && body !== null ? { action: 'leave', ...body } : body),
  z.discriminatedUnion('action', [
    z.object({
      action: z.literal('leave'),
      newsletterId: newsletterId.optional(),
      scope: z.literal('all').optional(),
    }),
    z.object({ action: z.literal('pause'), newsletterId: someOrAll, until: day }),
    choose,
    z.object({ action: z.literal('tracking-off') }),
    z.object({ action: z.literal('change') }),
  ]),
);
export type Reduction = z.infer<typeof reduceSchema>;

/** What a visit may do besides. */
export const visitSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('leave'), newsletterId: someOrAll }),
  z.object({
    action: z.literal('pause'),
    newsletterId: someOrAll,
    // Empty: go on now.
    until: z.union([z.literal('').transform(() => null), day]),
  }),
  choose,
  z.object({
    action: z.literal('join'),
    newsletterId,
    version: z.string().max(64),
    terms: z.literal('true').optional(),
    // The language of the wording that was on the page.
    locale: z.enum(LOCALES),
  }),
  z.object({
    action: z.literal('details'),
    locale: z.enum(LOCALES),
    timeZone: z.string().trim().max(64),
  }),
  z.object({ action: z.literal('tracking'), allowed: z.enum(['yes', 'no']), locale: z.enum(LOCALES) }),
  z.object({ action: z.literal('address'), email: z.string().trim().max(320) }),
  z.object({ action: z.literal('keep-address') }),
  z.object({ action: z.literal('end') }),
]);
export type VisitWish = z.infer<typeof visitSchema>;

/** Null for none; undefined for what is no zone. */
export function parseTimeZone(text: string): string | null | undefined {
  return text === '' ? null : isTimeZone(text) ? text : undefined;
}
