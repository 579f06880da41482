import { translatorFor } from '../i18n/index.ts';
import type { Translate } from '../i18n/index.ts';
import type { CleanMailInput } from './variant.ts';

type DigestVariant = Extract<CleanMailInput, { template: 'digest' }>['variant'];
type Article = DigestVariant['digest']['sections'][number]['articles'][number];

/** How much of each article is shown: an issue that is too heavy is set in smaller type, as it were. */
export const DIGEST_DENSITIES = ['full', 'without-images', 'headlines'] as const;
export type DigestDensity = (typeof DIGEST_DENSITIES)[number];

/** What the digest's templates see: nothing left to decide there. */
export function layOutDigest(variant: DigestVariant, density: DigestDensity): Record<string, unknown> {
  const { digest } = variant;
  const text = translatorFor(variant.newsletter.locale);
  const sections = digest.sections
    .filter((section) => section.articles.length > 0)
    .map((section, sectionIndex) => ({
      name: section.name,
      articles: section.articles.map((article, index) => ({
        title: article.title,
        url: article.url,
        summaryText: density === 'headlines' ? '' : article.summaryText,
        imageUrl: density === 'full' && article.url !== '' ? article.imageUrl || null : null,
        imageAlt: article.imageAlt ?? '',
        meta: describe(article, text),
        isLead: sectionIndex === 0 && index === 0,
      })),
    }));
  const lead = sections[0]?.articles[0]?.title;
  return {
    number: digest.number,
    dateIso: digest.dateIso,
    title: digest.title,
    // An issue named after its first article would print the same headline twice.
    showTitle: digest.title !== lead,
    introParagraphs: digest.intro?.split(/\n\s*\n/) ?? [],
    notices: digest.notices.map(({ text, readText, path, acceptText }) => ({
      text,
      readText,
      url: new URL(path, variant.newsletter.homeUrl).href,
      acceptText: acceptText ?? null,
    })),
    sections,
  };
}

/** What an inbox shows after the subject, if nobody wrote anything better: the next headlines. */
export function describeDigest(variant: DigestVariant): string {
  const titles = variant.digest.sections.flatMap((section) => section.articles.map((article) => article.title));
  return titles
    .filter((title) => title !== variant.digest.title)
    .slice(0, 3)
    .join(' · ');
}

function describe(article: Article, text: Translate): string {
  const minutes = article.readingMinutes === undefined ? '' : text('mail.minutes', { count: article.readingMinutes });
  return [article.author, article.source, minutes].filter((part) => part !== undefined && part !== '').join(' · ');
}
