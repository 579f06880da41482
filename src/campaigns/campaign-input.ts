import { z } from 'zod';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { AMBIGUOUS_POLICIES, AUTHOR_FORMATS } from './campaign.ts';

/** Both end up in one line of a mail; merge fields are text here. */
const line = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength, `Use at most ${maxLength} characters.`)
    .refine((value) => !/[\p{Cc}\u2028\u2029]/u.test(value), {
      message: 'Use one line of plain text.',
      params: { code: 'not_one_line' },
    });

/** PostgreSQL's text has no U+0000: a file with one is not text. */
const sourceText = z
  .string()
  .max(500_000, 'Use at most 500,000 characters.')
  .refine((value) => !value.includes('\0'), { message: 'This is not plain text.', params: { code: 'not_text' } });

const newsletterId = z
  .number()
  .int()
  .positive()
  .transform((id) => id as NewsletterId);

const text = {
  subject: line(400).min(1, 'Write a subject.'),
  preheader: line(400).nullish().transform(emptyToNull),
  format: z.enum(AUTHOR_FORMATS),
  source: sourceText.min(1, 'Write something.'),
};
export const ambiguousPolicySchema = z.enum(AMBIGUOUS_POLICIES);

export const addressSchema = z.string().transform((value, context) => {
  const parsed = parseEmailAddress(value);
  if (parsed === undefined) {
    const message = 'This is not a mail address that mail servers accept.';
    context.addIssue({ code: 'custom', message, params: { code: 'address_invalid' } });
    return z.NEVER;
  }
  return parsed;
});

export const newCampaignSchema = z
  .strictObject({
    ...text,
    newsletterId: newsletterId.optional(),
    newsletter: z.string().max(60).optional(),
    ambiguousPolicy: ambiguousPolicySchema.optional(),
  })
  .transform(({ newsletterId: id, newsletter: slug, ...written }, context) => {
    if (id !== undefined && slug === undefined) {
      return { ...written, newsletter: { id } };
    }
    if (slug !== undefined && id === undefined) {
      return { ...written, newsletter: { slug } };
    }
    context.addIssue({
      code: 'custom',
      path: ['newsletterId'],
      message: 'Name the newsletter, either by newsletterId or by its short name as newsletter.',
      params: { code: 'newsletter_missing' },
    });
    return z.NEVER;
  });
export type NewCampaign = z.output<typeof newCampaignSchema>;

/** What is left out stays. */
export const campaignChangesSchema = z
  .strictObject({
    ...text,
    preheader: line(400).nullable().transform(emptyToNull),
    newsletterId,
    ambiguousPolicy: ambiguousPolicySchema,
  })
  .partial();
export type CampaignChanges = z.output<typeof campaignChangesSchema>;

/** For the preview while somebody types: nothing written yet is fine. */
export const previewSchema = z.strictObject({
  newsletterId,
  subject: line(400),
  preheader: text.preheader,
  format: text.format,
  source: sourceText,
  /** For whom: logic and defaults show only with a reader who lacks something. */
  reader: z.enum(['named', 'nameless']).default('named'),
});
export type PreviewInput = z.output<typeof previewSchema>;

function emptyToNull(value: string | null | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}
