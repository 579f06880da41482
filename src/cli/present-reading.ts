import type { FeedReading } from '../content/index.ts';
import { alignColumns, formatInstant } from './output.ts';

type Item = FeedReading['items'][number];

const NONE = '-';
const WORDS_PER_MINUTE = 230;

/** A feed as it was understood: its head, then every field of every item. Articles' texts by their length and beginning. */
export function presentReading(reading: FeedReading): readonly string[] {
  const head = `${reading.title ?? 'without a title'} (${reading.format}, ${reading.items.length} items)`;
  const facts = [
    ['home', reading.homeUrl ?? NONE],
    ['language', reading.language ?? NONE],
    ...(reading.ttlSeconds === undefined ? [] : [['fresh for', `${reading.ttlSeconds / 60} minutes`]]),
  ];
  return [head, ...alignColumns(facts), ...reading.items.flatMap(presentItem)];
}

function presentItem(item: Item): readonly string[] {
  const { url, summaryText } = item;
  const givenUrl = item.full?.givenUrl?.trim();
  const fields = [
    ['link', url ?? NONE],
    ...(givenUrl === undefined || givenUrl === url ? [] : [['link given', givenUrl]]),
    ['date', describeDate(item)],
    ['author', item.author ?? NONE],
    ['categories', item.categories.length === 0 ? NONE : item.categories.join(', ')],
    ['language', item.language ?? NONE],
    ['image', describeImage(item)],
    ['content', describeContent(item)],
    ['guid', item.guid ?? NONE],
    ['summary', summaryText === '' ? NONE : summaryText],
  ];
  return ['', item.title, ...alignColumns(fields).map((line) => `  ${line}`)];
}

/** In UTC, beside what the feed says, so that a wrong zone or a swapped month shows. */
function describeDate({ publishedAt, full }: Item): string {
  const understood = publishedAt === null ? NONE : formatInstant(publishedAt);
  const given = full?.givenDates[0];
  return given === undefined ? understood : `${understood} (given: ${given.trim().slice(0, 60)})`;
}

function describeImage({ imageUrl, imageAlt, imageWidth, imageHeight }: Item): string {
  if (imageUrl === null) {
    return NONE;
  }
  const size = imageWidth === null ? 'size not given' : `${imageWidth} x ${imageHeight}`;
  return `${imageUrl} (${size}${imageAlt === null ? '' : `: ${imageAlt}`})`;
}

function describeContent({ full, wordCount }: Item): string {
  const length = full?.contentHtml.length ?? 0;
  if (length === 0) {
    return NONE;
  }
  const minutes = wordCount === null ? 0 : Math.max(1, Math.round(wordCount / WORDS_PER_MINUTE));
  const reading = wordCount === null ? '' : `, ${wordCount} words, ${minutes} min to read`;
  return `${length} characters of HTML${reading}`;
}
