import { canonicalUrl } from './canonical-url.ts';
import { toPlainText, toSafeHtml } from './clean-text.ts';
import { countWords, excerpt } from './excerpt.ts';
import { readFeedDate } from './feed-date.ts';
import type { FeedItem, FeedWarning, FeedWarningCode } from './feed-reading.ts';
import { isEscapedTwice } from './raw-feed.ts';
import type { RawItem, RawText } from './raw-feed.ts';

const MAX_SUMMARY_LENGTH = 300;
const MAX_TITLE_LENGTH = 300;
const MAX_GUID_LENGTH = 2000;
/** Below this the content is a teaser, and its length says nothing about the article. */
const MIN_ARTICLE_WORDS = 150;
/** Smaller pictures are icons, portraits and counting pixels. */
const MIN_IMAGE_WIDTH = 100;
/** More is a mistake. */
const MAX_IMAGE_PIXELS = 20_000;
/** Clocks differ; a date this little ahead is not worth a word. */
const FUTURE_TOLERANCE_MS = 10 * 60_000;

export interface CleanContext {
  readonly baseUrl: string | undefined;
  readonly now: Date;
  readonly isFull: boolean;
  /** Collects what was odd. */
  readonly warnings: FeedWarning[];
}

/** One item, resolved and cleaned. A feed's text is a stranger's: nothing of it leaves here unescaped or unbounded. */
export function cleanItem(item: RawItem, context: CleanContext): FeedItem {
  const warn = (code: FeedWarningCode, message: string): void => {
    context.warnings.push({ code, message });
  };
  const base =
    item.baseUrl === undefined ? context.baseUrl : (canonicalUrl(item.baseUrl, context.baseUrl) ?? undefined);
  const resolve = (url: string): string | undefined => canonicalUrl(url, base);
  const contentText = toPlainText(item.content);
  const summarySource = toPlainText(item.summary) || contentText;
  const contentHtml = toSafeHtml(item.content ?? item.summary, resolve);
  const url = item.url === undefined ? undefined : resolve(item.url.trim().replace(/^www\./i, 'https://www.'));
  const givenTitle = readTitle(item.title);
  const title = excerpt(givenTitle, MAX_TITLE_LENGTH) || excerpt(summarySource, 80) || (url ?? '');
  if (url === undefined) {
    warn('item_without_url', `"${title.slice(0, 60)}" links nowhere`);
  }
  if (givenTitle === '') {
    warn('item_without_title', `${url ?? 'an item'} has no title`);
  }
  const words = countWords(contentText.length >= summarySource.length ? contentText : summarySource);
  return {
    guid: item.guid?.trim().slice(0, MAX_GUID_LENGTH) || null,
    url: url ?? null,
    title: title === '' ? 'Untitled' : title,
    summaryText: excerpt(summarySource, MAX_SUMMARY_LENGTH),
    author: cleanAuthor(item.author),
    publishedAt: readDate(item.dates, context.now, warn),
    ...pickImage(item, contentHtml, resolve),
    language: item.language?.trim().slice(0, 35) || null,
    categories: item.categories.map((name) => toPlainText({ value: name, isHtml: true }).slice(0, 100)).slice(0, 50),
    wordCount: words >= MIN_ARTICLE_WORDS ? words : null,
    ...(context.isFull ? { full: { contentHtml, givenUrl: item.url ?? null, givenDates: item.dates } } : {}),
  };
}

/** A title that was escaped twice is read twice. */
function readTitle(title: RawText | undefined): string {
  const once = toPlainText(title);
  return title?.isHtml === true && isEscapedTwice(once) ? toPlainText({ value: once, isHtml: true }) : once;
}

function readDate(
  dates: readonly string[],
  now: Date,
  warn: (code: FeedWarningCode, message: string) => void,
): Date | null {
  for (const text of dates) {
    const date = readFeedDate(text);
    if (date !== undefined && date.getTime() > now.getTime() + FUTURE_TOLERANCE_MS) {
      warn('date_in_future', `${date.toISOString()} lies in the future; now is taken instead`);
      return now;
    }
    if (date !== undefined) {
      return date;
    }
  }
  if (dates[0] !== undefined) {
    warn('date_unreadable', `"${dates[0].slice(0, 40)}" is not a date`);
  }
  return null;
}

/** A name, never a bare address: readers are not shown those, and harvesters read archives. */
function cleanAuthor(author: string | undefined): string | null {
  const name = toPlainText(author === undefined ? undefined : { value: author, isHtml: true }).slice(0, 200);
  return name === '' || /^\S+@\S+$/.test(name) ? null : name;
}

/** The feed's own picture, else the first of the content. https only: mail clients and proxies refuse the rest. */
function pickImage(
  item: RawItem,
  contentHtml: string,
  resolve: (url: string) => string | undefined,
): Pick<FeedItem, 'imageUrl' | 'imageAlt' | 'imageWidth' | 'imageHeight'> {
  for (const image of item.images) {
    const url = resolve(image.url);
    if (url?.startsWith('https:') === true && (image.width ?? MIN_IMAGE_WIDTH) >= MIN_IMAGE_WIDTH) {
      return { imageUrl: url, imageAlt: cleanAlt(image.alt), ...sizeOf(image.width, image.height) };
    }
  }
  for (const [tag] of contentHtml.matchAll(/<img [^>]{0,4000}>/g)) {
    const src = attribute(tag, 'src');
    const width = Number.parseInt(attribute(tag, 'width') ?? '', 10);
    if (src !== undefined && !(width < MIN_IMAGE_WIDTH)) {
      const height = Number.parseInt(attribute(tag, 'height') ?? '', 10);
      return { imageUrl: src, imageAlt: cleanAlt(attribute(tag, 'alt')), ...sizeOf(width, height) };
    }
  }
  return { imageUrl: null, imageAlt: null, imageWidth: null, imageHeight: null };
}

function sizeOf(width = 0, height = 0): Pick<FeedItem, 'imageWidth' | 'imageHeight'> {
  const isSize = [width, height].every((pixels) => pixels >= 1 && pixels <= MAX_IMAGE_PIXELS);
  return isSize
    ? { imageWidth: Math.round(width), imageHeight: Math.round(height) }
    : { imageWidth: null, imageHeight: null };
}

/** From HTML that was just sanitised, so that attributes are always in double quotes. */
function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : toPlainText({ value, isHtml: true });
}

function cleanAlt(alt: string | undefined): string | null {
  return toPlainText(alt === undefined ? undefined : { value: alt, isHtml: true }).slice(0, 300) || null;
}
