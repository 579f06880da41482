import { translatorFor } from '../i18n/index.ts';
import type { Translate } from '../i18n/index.ts';
import { addUtm } from './add-utm.ts';
import { cleanLine } from './clean-text.ts';
import { limitArticles } from './limit-articles.ts';
import { placeImage } from './place-image.ts';
import type { CleanMailInput } from './variant.ts';
import { writeIntro } from './write-intro.ts';
import { writeSubject } from './write-subject.ts';

export type DigestVariant = Extract<CleanMailInput, { template: 'digest' }>['variant'];
type Article = DigestVariant['digest']['sections'][number]['articles'][number];

/** How much of each article is shown: an issue that is too heavy is set in smaller type, as it were. */
export interface DigestDensity {
  readonly withImages: boolean;
  readonly summaryLength: number;
  /** Of the first article of the issue, which keeps its place. */
  readonly leadSummaryLength: number;
  readonly maxArticles: number;
}

const FULL = 600;
const SHORT = 160;

/** From the fullest down. Whoever is still too heavy with the last shows fewer articles. */
export const DIGEST_DENSITIES: readonly DigestDensity[] = [
  { withImages: true, summaryLength: FULL, leadSummaryLength: FULL, maxArticles: Infinity },
  { withImages: false, summaryLength: FULL, leadSummaryLength: FULL, maxArticles: Infinity },
  { withImages: false, summaryLength: SHORT, leadSummaryLength: FULL, maxArticles: Infinity },
];
export const HEADLINES: DigestDensity = {
  withImages: false,
  summaryLength: 0,
  leadSummaryLength: SHORT,
  maxArticles: Infinity,
};

interface LaidOutDigest {
  readonly showTitle: boolean;
  readonly introHtml: string;
  readonly [field: string]: unknown;
}

/** What the digest's templates see: nothing left to decide there. */
export function layOutDigest(variant: DigestVariant, density: DigestDensity): LaidOutDigest {
  const { digest, newsletter } = variant;
  const text = translatorFor(newsletter.locale);
  const tag = (address: string): string => (variant.utm === undefined ? address : addUtm(address, variant.utm));
  const filled = digest.sections.filter((section) => section.articles.length > 0);
  const { sections, leftOut } = limitArticles(filled, density.maxArticles);
  const withImages = density.withImages && variant.layout === 'edition';
  const lead = sections[0]?.articles[0]?.title;
  return {
    number: digest.number,
    dateIso: digest.dateIso,
    title: digest.title,
    subject: writeSubject([digest.title, ...filled.flatMap(({ articles }) => articles.map(({ title }) => title))], {
      newsletterName: newsletter.name,
      locale: newsletter.locale,
      dateIso: digest.dateIso,
    }),
    // An issue named after its first article would print the same headline twice.
    showTitle: digest.title !== lead,
    introHtml: digest.intro === undefined ? '' : writeIntro(digest.intro, { link: tag, withImages }),
    notices: digest.notices.map(({ text, readText, path, acceptText }) => ({
      text,
      readText,
      url: new URL(path, newsletter.homeUrl).href,
      acceptText: acceptText ?? null,
    })),
    sections: sections.map((section, sectionIndex) => ({
      name: section.name,
      articles: section.articles.map((article, index) => {
        const isLead = sectionIndex === 0 && index === 0;
        return { ...showArticle(article, { text, tag, density, withImages, isLead }, newsletter.name), isLead };
      }),
    })),
    leftOut,
    moreKey: digest.issueCount > 1 ? 'digest_mail.more_past' : 'digest_mail.more',
  };
}

/** In bytes, what the articles bring in themselves: less than this no layout can make of them. */
export function weighWords(variant: DigestVariant, density: DigestDensity): number {
  const articles = variant.digest.sections.flatMap((section) => section.articles);
  return articles.reduce((sum, { title, url, summaryText }, index) => {
    const summary = summaryText.slice(0, index === 0 ? density.leadSummaryLength : density.summaryLength);
    // A summary that is cut ends at a word, which may be as far as half of it away.
    const summaryBytes = Buffer.byteLength(summary) / (summary.length < summaryText.length ? 2 : 1);
    return sum + Buffer.byteLength(title) + Buffer.byteLength(url) + summaryBytes;
  }, 0);
}

interface Showing {
  readonly text: Translate;
  readonly tag: (address: string) => string;
  readonly density: DigestDensity;
  readonly withImages: boolean;
  readonly isLead: boolean;
}

function showArticle(article: Article, showing: Showing, newsletterName: string): Record<string, unknown> {
  const { text, density, isLead } = showing;
  const maxLength = isLead ? density.leadSummaryLength : density.summaryLength;
  const summaryText = maxLength === 0 ? '' : cleanLine(article.summaryText, maxLength);
  const isCut = summaryText.endsWith('…');
  return {
    title: article.title,
    url: showing.tag(article.url),
    summaryText,
    image: showing.withImages ? placeImage(article, isLead) : null,
    meta: describe(article, text, newsletterName),
    readOn: article.url !== '' && summaryText !== '' && (isLead || isCut) ? readOn(article.url, text) : null,
  };
}

/** Names the site, so that each such link says where it leads. */
function readOn(address: string, text: Translate): string {
  const site = new URL(address).hostname.replace(/^www\./, '');
  return text('digest_mail.read_on', { site });
}

/** What an inbox shows after the subject, if nobody wrote anything better: the next headlines. */
export function describeDigest(variant: DigestVariant): string {
  const titles = variant.digest.sections.flatMap((section) => section.articles.map((article) => article.title));
  return titles
    .filter((title) => title !== variant.digest.title)
    .slice(0, 3)
    .join(' · ');
}

function describe(article: Article, text: Translate, newsletterName: string): string {
  const minutes = article.readingMinutes === undefined ? '' : text('mail.minutes', { count: article.readingMinutes });
  const source = article.source === newsletterName || article.source === article.author ? '' : article.source;
  return [article.author, source, minutes].filter((part) => part !== undefined && part !== '').join(' · ');
}
