import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { BRAND_FONTS } from './brand.ts';
import { APPROVALS, DEADLINE_POLICIES, DIGEST_LAYOUTS } from './digest-rules.ts';

const HOST_NAME = /^(?=.{1,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;
const NOT_IN_A_NAME = /[\s:/?#@\\]/;
const ONLY_DIGITS_AND_DOTS = /^[\d.]+$/;
const MAX_HOSTS = 20;

/** What a form sends for nothing. */
const orNull = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? null : value), schema.nullable());

const hostName = z.string().transform((value, context) => {
  const name = value.trim().toLowerCase();
  // domainToASCII reads a name up to the first character that ends it in an address.
  const host = NOT_IN_A_NAME.test(name) ? '' : domainToASCII(name);
  if (!HOST_NAME.test(host) || ONLY_DIGITS_AND_DOTS.test(host)) {
    const message = 'Give the name of a site alone, such as example.org, without https:// and without a path.';
    context.addIssue({ code: 'custom', message, params: { code: 'host_invalid' } });
    return z.NEVER;
  }
  return host;
});

const utmValue = z
  .string()
  .trim()
  .max(100)
  .refine((value) => !/[\p{Cc}\s]/u.test(value), {
    message: 'Use one word, such as newsletter.',
    params: { code: 'utm_value_invalid' },
  });

const color = z.string().transform((value, context) => {
  const lower = value.trim().toLowerCase();
  if (!/^#[\da-f]{6}$/.test(lower)) {
    const message = 'Write the colour as # and six digits, such as #8a2d1f.';
    context.addIssue({ code: 'custom', message, params: { code: 'color_invalid' } });
    return z.NEVER;
  }
  return lower;
});

const logoUrl = z
  .string()
  .trim()
  .max(2000)
  .refine((value) => URL.parse(value)?.protocol === 'https:', {
    message: 'Mail clients show pictures from https addresses only.',
    params: { code: 'logo_url_invalid' },
  });

/** For `updateDigestRules`: what is left out stays; the parts of `utm` come together. */
export const digestRulesChangesSchema = z
  .strictObject({
    approval: z.enum(APPROVALS),
    prepareHours: z.int().min(0).max(168),
    deadlinePolicy: z.enum(DEADLINE_POLICIES),
    notifyEditors: z.boolean(),
    minArticles: z.int().min(1).max(50),
    fillTo: z.int().min(0).max(50),
    catchUpHours: z.int().min(1).max(720),
    layout: z.enum(DIGEST_LAYOUTS),
    nextIntro: orNull(z.string().trim().max(5000)),
    utm: z.strictObject({
      source: orNull(utmValue),
      medium: orNull(utmValue),
      hosts: z
        .array(hostName)
        .max(MAX_HOSTS)
        .transform((hosts) => [...new Set(hosts)]),
    }),
    archiveIndexable: z.boolean(),
    offersSections: z.boolean(),
    offersFrequency: z.boolean(),
  })
  .partial();

/** For `updateBrand`: what is left out stays. */
export const brandChangesSchema = z
  .strictObject({
    logoUrl: orNull(logoUrl),
    logoAlt: z.string().trim().max(200),
    logoWidth: z.int().min(40).max(552).nullable(),
    accentColor: orNull(color),
    backgroundColor: orNull(color),
    font: z.enum(BRAND_FONTS),
    footerText: orNull(z.string().trim().max(1000)),
  })
  .partial();

export type DigestRulesChanges = z.output<typeof digestRulesChangesSchema>;
export type BrandChanges = z.output<typeof brandChangesSchema>;
