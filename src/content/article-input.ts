import { z } from 'zod';
import { canonicalUrl } from './canonical-url.ts';
import { toPlainText } from './clean-text.ts';
import { excerpt } from './excerpt.ts';

const MAX_URL_LENGTH = 2000;
const MAX_SUMMARY_LENGTH = 600;

/** One line of plain text, as everything of an article is: mails and archive pages show it as it stands. */
const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .transform((value) => toPlainText({ value, isHtml: false }));

const title = text(300).refine((value) => value !== '', {
  message: 'Give the article a title.',
  params: { code: 'title_missing' },
});

const orNull = (maxLength: number) => text(maxLength).transform((value) => (value === '' ? null : value));

const url = z
  .string()
  .max(MAX_URL_LENGTH)
  .transform((value, context) => {
    const given = URL.parse(value.trim());
    const canonical = given === null || given.username !== '' ? undefined : canonicalUrl(given.href);
    if (canonical === undefined) {
      const message = 'Give the http or https address where the article can be read.';
      context.addIssue({ code: 'custom', message, params: { code: 'article_url_invalid' } });
      return z.NEVER;
    }
    return canonical;
  });

const imageUrl = z.union([
  z.literal('').transform(() => null),
  z.url({ protocol: /^https$/, message: 'Mail clients show pictures from https addresses only.' }).max(MAX_URL_LENGTH),
]);

const fields = {
  title,
  /** Long ones are cut at a sentence or word. */
  summary: z
    .string()
    .max(20_000)
    .transform((value) => excerpt(toPlainText({ value, isHtml: false }), MAX_SUMMARY_LENGTH)),
  author: orNull(200).nullable(),
  /** Short name of a section. Leave it out to let category rules decide. */
  section: z.string().max(60),
  imageUrl: imageUrl.nullable(),
  imageAlt: orNull(300).nullable(),
  /** For sections that rank by weight. */
  weight: z.int().min(-10).max(10),
  /** First in its section, whatever the ranking. */
  isPinned: z.boolean(),
};

/** For `upsertArticle`. */
export const articleSchema = z.strictObject({
  ...z.strictObject(fields).partial().shape,
  title,
  url,
  sourceName: orNull(200).nullish(),
  language: orNull(35).nullish(),
  categories: z
    .array(text(100).refine((value) => value !== '', 'A category needs a name.'))
    .max(50)
    .optional(),
  /** A date in the future counts as now. */
  publishedAt: z.iso
    .datetime({ offset: true })
    .transform((value) => new Date(value))
    .nullish(),
});

/** For `updateArticle`: what is left out stays. */
export const articleChangesSchema = z.strictObject({ ...fields, isEligible: z.boolean() }).partial();

export type ArticleInput = z.output<typeof articleSchema>;
export type ArticleChanges = z.output<typeof articleChangesSchema>;
