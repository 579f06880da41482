import { z } from 'zod';
import { cleanBlock, cleanLine, toWebUrl } from './clean-text.ts';
import type { TemplateName } from './templates.ts';

/*
 * What a mail says to all its readers alike. Feeds and authors wrote much of it, so every string is cleaned here once:
 * control characters out, lone surrogates replaced, titles cut to a length that no layout breaks at.
 */
const line = (maxLength: number) => z.string().transform((value) => cleanLine(value, maxLength));
const block = (maxLength: number) => z.string().transform((value) => cleanBlock(value, maxLength));
const ownUrl = z.url({ protocol: /^https?$/ });
/** From a feed: an address that is not plain http(s) becomes empty, so that one bad article does not stop an issue. */
const foundUrl = z.string().transform((value) => toWebUrl(value, ['https:', 'http:']));
/** R15: an image over plain http is left out. */
const foundImageUrl = z.string().transform((value) => toWebUrl(value, ['https:']));

/** BCP 47, such as `en` or `ar-EG`. */
const locale = z.string().refine(isLocale, 'is not a language tag such as en or pt-BR');

const color = z.string().regex(/^#[0-9a-f]{6}$/);

/** What is left out is ours. */
const brandSchema = z.object({
  logoUrl: foundImageUrl.optional(),
  logoAlt: line(200).optional(),
  /** In px, as it is shown. */
  logoWidth: z.number().int().positive().max(552).optional(),
  accentColor: color.optional(),
  backgroundColor: color.optional(),
  font: z.enum(['serif', 'sans']).default('serif'),
  footerText: block(1000).optional(),
});

const newsletterSchema = z.object({
  name: line(120),
  slug: line(120),
  locale,
  dir: z.enum(['ltr', 'rtl']),
  description: line(300),
  homeUrl: ownUrl,
  archiveUrl: ownUrl,
  /** May have several lines. Empty only in previews: a campaign or issue without one is not started. */
  postalAddress: block(500),
  imprintUrl: ownUrl.optional(),
  fromName: line(120),
  brand: brandSchema.optional(),
});

const articleSchema = z.object({
  /** Of the article, by which the mails of readers with different sections are told apart; shown nowhere. */
  id: z.number().int().positive().optional(),
  title: line(300),
  url: foundUrl,
  summaryText: line(600),
  author: line(120).optional(),
  source: line(120).optional(),
  imageUrl: foundImageUrl.optional(),
  imageAlt: line(200).optional(),
  /** In px, where the feed says it. */
  imageWidth: z.number().int().positive().optional(),
  imageHeight: z.number().int().positive().optional(),
  readingMinutes: z.number().int().positive().optional(),
});

const digestSchema = z.object({
  number: z.number().int().positive(),
  /** Day of publication in the newsletter's zone, `YYYY-MM-DD`. */
  dateIso: z.iso.date(),
  /** The headline of the issue and the subject of the mail. */
  title: line(200),
  /** How many issues it brings together, for a reader who gets one mail of a week or month. */
  issueCount: z.number().int().positive().default(1),
  /** Markdown, by an editor. */
  intro: block(5000).optional(),
  sections: z.array(
    z.object({ id: z.number().int().positive().optional(), name: line(120), articles: z.array(articleSchema) }),
  ),
  /** That the terms or the privacy notice have changed, in the newsletter's language. */
  notices: z
    .array(
      z.object({
        text: line(300),
        readText: line(80),
        /** Of a page of ours. */
        path: z.string().regex(/^\/(?:terms|privacy)\/[\w-]+\/\d+$/),
        /** The words of the reader's own link, where they are asked to accept. */
        acceptText: line(80).optional(),
      }),
    )
    .default([]),
});

const campaignSchema = z.object({
  /** May hold merge fields, as may `preheader` and `source`. */
  subject: z.string().trim().min(1).max(400),
  preheader: z.string().trim().max(400).optional(),
  format: z.enum(['markdown', 'mjml']),
  source: z.string().max(500_000),
});

/** The reader's language, in which Courant's own mails are written. */
const ownMail = { locale };
const legalLinks = { termsUrl: ownUrl, privacyUrl: ownUrl };
const newsletterNames = z.array(line(120)).min(1);
/** The installation, which writes to its admins. */
const siteSchema = z.object({ name: line(120), homeUrl: ownUrl, locale, dir: z.enum(['ltr', 'rtl']) });
/** In the reader's language; the newsletter only lends its name. */
const preferenceMail = z.object({ locale, newsletter: newsletterSchema, ...legalLinks });

/** One schema per template; the composed types below are what callers use. */
export const VARIANT_SCHEMAS = {
  confirm: z.object({ ...ownMail, newsletter: newsletterSchema, newsletterNames, ...legalLinks }),
  'already-subscribed': z.object({ ...ownMail, newsletter: newsletterSchema, newsletterNames, ...legalLinks }),
  welcome: z.object({
    ...ownMail,
    newsletter: newsletterSchema,
    latestIssue: z.object({ title: line(200), url: ownUrl }).optional(),
    /** When the next issue comes, in words: `Monday 30 November at 08:00`. */
    nextDateText: line(120).optional(),
    ...legalLinks,
  }),
  digest: z.object({
    newsletter: newsletterSchema,
    preheader: line(300).optional(),
    /** The public page of this issue, without anything personal. */
    webViewUrl: ownUrl.optional(),
    layout: z.enum(['edition', 'plain']).default('edition'),
    /** Added to the links of articles and intro that lead to these hosts. */
    utm: z
      .object({
        source: line(100),
        medium: line(100),
        campaign: line(200),
        hosts: z.array(z.string()),
      })
      .optional(),
    digest: digestSchema,
  }),
  campaign: z.object({ newsletter: newsletterSchema, webViewUrl: ownUrl.optional(), campaign: campaignSchema }),
  'verify-admin': z.object({ site: siteSchema }),
  'preference-link': preferenceMail,
  'address-agree': preferenceMail,
  'address-confirm': preferenceMail,
  'address-taken': preferenceMail,
  'issue-alert': z.object({
    site: siteSchema,
    /** Whole sentences, in the site's language. */
    alerts: z.array(z.object({ publication: line(120), text: line(600), url: ownUrl })).min(1),
    moreCount: z.number().int().nonnegative(),
  }),
  'issue-waiting': z.object({
    site: siteSchema,
    publication: line(120),
    title: line(200),
    /** Whole sentences: why it waits, and what becomes of it if nobody decides. */
    reason: line(300),
    deadline: line(300),
    sections: z.array(z.object({ name: line(120), titles: z.array(line(300)) })),
    moreCount: z.number().int().nonnegative(),
    url: ownUrl,
  }),
} as const satisfies Readonly<Record<TemplateName, z.ZodType>>;

/** A brand after cleaning. */
export type CleanBrand = z.output<typeof brandSchema>;
export type NewsletterVariant = z.input<typeof newsletterSchema>;
export type DigestContent = z.input<typeof digestSchema>;
export type DigestArticle = z.input<typeof articleSchema>;
export type CleanDigest = z.output<typeof digestSchema>;

/** An issue as its mails show it, for a page: hidden characters out, and no address but those a browser may open. */
export function cleanDigest(digest: DigestContent): CleanDigest {
  return digestSchema.parse(digest);
}

/** What `compileMail` takes: a template and what it says to all its readers alike. */
export type MailInput = {
  [Name in TemplateName]: { readonly template: Name; readonly variant: z.input<(typeof VARIANT_SCHEMAS)[Name]> };
}[TemplateName];

/** The same after cleaning. */
export type CleanMailInput = {
  [Name in TemplateName]: { readonly template: Name; readonly variant: z.output<(typeof VARIANT_SCHEMAS)[Name]> };
}[TemplateName];

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
