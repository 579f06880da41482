import { toDigest } from '../digests/index.ts';
import type { WholeIssue } from '../digests/index.ts';
import { directionOf, formatDay, translatorFor } from '../i18n/index.ts';
import type { Translate } from '../i18n/index.ts';
import { cleanDigest, placeImage, renderIntro } from '../rendering/index.ts';
import type { CleanDigest } from '../rendering/index.ts';
import type { ArchivedNewsletter } from './archived-newsletter.ts';

type Article = CleanDigest['sections'][number]['articles'][number];

interface ShownImage {
  readonly url: string;
  readonly alt: string;
  readonly width: number;
  readonly height: number | null;
  readonly place: 'wide' | 'thumb';
}

interface ShownArticle {
  readonly title: string;
  /** Empty where what the feed gave is no address to open. */
  readonly url: string;
  readonly summaryText: string;
  readonly byline: readonly string[];
  readonly image: ShownImage | null;
}

/** What page and feed show of an issue, in the newsletter's language: what its mail said, and nothing of its readers. */
export interface ShownIssue {
  readonly number: number;
  readonly numberText: string;
  readonly title: string;
  readonly day: string;
  readonly dateIso: string;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  readonly description: string;
  readonly introHtml: string;
  readonly notices: CleanDigest['notices'];
  /** The first article, where the issue is named after it: then its headline is that of the page. */
  readonly lead: (ShownArticle & { readonly section: string }) | null;
  readonly sections: readonly { readonly name: string; readonly articles: readonly ShownArticle[] }[];
  /** For whoever shows a card of the page. */
  readonly picture: ShownImage | null;
}

/** Cleaned anew as the mail was, because an old issue may hold what a feed would not get past us today. */
export async function describeIssue(newsletter: ArchivedNewsletter, issue: WholeIssue): Promise<ShownIssue> {
  const text = translatorFor(newsletter.locale);
  const digest = cleanDigest(toDigest(issue.content, issue.number, issue.publishedAt, newsletter.timeZone));
  const sections = digest.sections
    .filter(({ articles }) => articles.length > 0)
    .map(({ name, articles }, sectionIndex) => ({
      name,
      articles: articles.map((article, index) =>
        showArticle(article, sectionIndex === 0 && index === 0, newsletter.name, text),
      ),
    }));
  const [first] = sections;
  const [leading] = first?.articles ?? [];
  const isNamedAfterLead = leading?.title === digest.title && digest.intro === undefined;
  return {
    number: issue.number,
    numberText: text('archive.number', { number: issue.number }),
    title: digest.title,
    day: formatDay(newsletter.locale, issue.publishedAt, newsletter.timeZone),
    dateIso: issue.publishedAt.toISOString(),
    lang: newsletter.locale,
    dir: directionOf(newsletter.locale),
    description: issue.content.preheader || leading?.summaryText || newsletter.description,
    introHtml: digest.intro === undefined ? '' : await renderIntro(digest.intro),
    notices: digest.notices,
    lead: isNamedAfterLead && leading !== undefined ? { ...leading, section: first?.name ?? '' } : null,
    sections: isNamedAfterLead ? withoutFirst(sections) : sections,
    picture: sections.flatMap(({ articles }) => articles).find(({ image }) => image !== null)?.image ?? null,
  };
}

function withoutFirst(sections: ShownIssue['sections']): ShownIssue['sections'] {
  const [first, ...rest] = sections;
  const others = first?.articles.slice(1) ?? [];
  return first === undefined || others.length === 0 ? rest : [{ name: first.name, articles: others }, ...rest];
}

function showArticle(article: Article, isLead: boolean, newsletterName: string, text: Translate): ShownArticle {
  const { title, url, summaryText, author, source, readingMinutes } = article;
  const hasSource = source !== undefined && source !== author && source !== newsletterName;
  const minutes = readingMinutes === undefined ? undefined : text('archive.minutes', { count: readingMinutes });
  const placed = placeImage(article, isLead);
  return {
    title,
    url,
    summaryText,
    byline: [author, hasSource ? source : undefined, minutes].flatMap((part) => part || []),
    // Beside its headline a picture that nobody described has nothing to say; the headline is read out anyway.
    image: placed === null ? null : { ...placed, alt: article.imageAlt ?? '' },
  };
}
