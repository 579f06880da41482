import type { FeedReading } from '../content/index.ts';
import { alignColumns, formatInstant } from './output.ts';

type Item = FeedReading['items'][number];

const NONE = '-';

/** A feed as it was understood: its head, then every field of every item. Articles' texts by their length and beginning. */
export function presentReading(reading: FeedReading): readonly string[] {
  const head = `${reading.title ?? 'without a title'} (${reading.format}, ${reading.items.length} items)`;
  const facts = [
    ['home', reading.homeUrl ?? NONE],
    ['language', reading.language ?? NONE],
  ];
  return [head, ...alignColumns(facts), ...reading.items.flatMap(presentItem)];
}

function presentItem(item: Item): readonly string[] {
  const { summaryText, contentHtml, wordCount } = item;
  const size = item.imageWidth === null ? '' : ` (${item.imageWidth} x ${item.imageHeight})`;
  const words = wordCount === null ? '' : `, ${wordCount} words`;
  const fields = [
    ['link', item.url ?? NONE],
    ['date', item.publishedAt === null ? NONE : formatInstant(item.publishedAt)],
    ['author', item.author ?? NONE],
    ['summary', summaryText === '' ? NONE : summaryText],
    ['content', contentHtml === '' ? NONE : `${contentHtml.length} characters of HTML${words}`],
    ['image', item.imageUrl === null ? NONE : `${item.imageUrl}${size}`],
    ['image text', item.imageAlt ?? NONE],
    ['categories', item.categories.length === 0 ? NONE : item.categories.join(', ')],
    ['language', item.language ?? NONE],
    ['guid', item.guid ?? NONE],
  ];
  return ['', item.title, ...alignColumns(fields).map((line) => `  ${line}`)];
}
