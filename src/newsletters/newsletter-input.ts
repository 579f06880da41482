import { z } from 'zod';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { SectionId } from '../shared/ids.ts';
import { parseSendWindow } from '../shared/send-window.ts';
import { OPT_INS, SECTION_RANKINGS } from './newsletter.ts';

/** One line that goes into mail headers and page titles: no line breaks, no control or invisible formatting characters. */
const line = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((value) => !/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u.test(value), {
      message: 'Use one line of plain text.',
      params: { code: 'not_one_line' },
    });

export const slugSchema = z
  .string()
  .max(60)
  .regex(/^[a-z\d]+(?:-[a-z\d]+)*$/, 'Use small letters, digits and single hyphens.');

export const addressSchema = z.string().transform((value, context) => {
  const parsed = parseEmailAddress(value);
  if (parsed === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'This is not a mail address that mail servers accept.',
      params: { code: 'address_invalid' },
    });
    return z.NEVER;
  }
  return parsed;
});

const localeSchema = z.string().refine(
  (value) => {
    try {
      return Intl.getCanonicalLocales(value).length === 1;
    } catch {
      return false;
    }
  },
  { message: 'Use a language tag such as en or de-AT.', params: { code: 'locale_invalid' } },
);

export const sendWindowSchema = z.string().transform((value, context) => {
  const window = parseSendWindow(value);
  if (window === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'Use two different times, such as 08:00-20:00; 22:00-06:00 spans midnight.',
      params: { code: 'send_window_invalid' },
    });
    return z.NEVER;
  }
  return window;
});

/** What a form sends for "use the default". */
const orDefault = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? null : value), schema.nullable());

const settings = {
  description: z.string().trim().max(500),
  locale: localeSchema,
  isPublic: z.boolean(),
  fromName: orDefault(line(120)),
  fromAddress: orDefault(addressSchema.transform((parsed) => parsed.address)),
  replyTo: orDefault(addressSchema.transform((parsed) => parsed.address)),
  postalAddress: orDefault(z.string().trim().min(1).max(500)),
  imprintUrl: orDefault(z.url({ protocol: /^https?$/ }).max(500)),
  /** Empty: no schedule. */
  cron: z.string().max(100),
  timeZone: z.string().max(60),
  /** Issues go by each reader's clock, at the time of `cron`. */
  localTime: z.boolean(),
  /** The hours in which issues leave. */
  sendWindow: orDefault(sendWindowSchema),
  maxPerSection: z.number().int().min(1).max(50),
  optIn: z.enum(OPT_INS),
  optInReason: orDefault(z.string().trim().min(1).max(500)),
};

export const sectionSchema = z.strictObject({
  id: z
    .number()
    .int()
    .positive()
    .transform((id) => id as SectionId)
    .optional(),
  slug: slugSchema.optional(),
  name: line(120),
  maxItems: z.number().int().min(1).max(50).nullish(),
  minItems: z.number().int().min(1).max(50).nullish(),
  ranking: z.enum(SECTION_RANKINGS).optional(),
});
export const sectionsSchema = z.array(sectionSchema).min(1).max(30);

/** For `createNewsletter`. Without a slug one is made from the name. */
export const newNewsletterSchema = z.strictObject({
  ...z.strictObject(settings).partial().shape,
  name: line(120),
  slug: slugSchema.optional(),
  sections: sectionsSchema.optional(),
});
/** For `updateNewsletter`: what is left out stays. */
export const newsletterChangesSchema = z.strictObject({ ...settings, name: line(120), slug: slugSchema }).partial();

export type NewNewsletter = z.output<typeof newNewsletterSchema>;
export type NewsletterChanges = z.output<typeof newsletterChangesSchema>;
export type SectionInput = z.output<typeof sectionSchema>;
