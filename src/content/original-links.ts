import { toPlainText } from './clean-text.ts';
import type { RawItem } from './raw-feed.ts';

const ORIGINAL = /<(feedburner|pheedo):origLink>([^<]{1,2000}|<!\[CDATA\[[^\]]{1,2000}\]\]>)<\/\1:origLink>/i;

/**
 * FeedBurner and its like put an address of their own, which counts clicks and may die with them, in place of the
 * article's, and keep that aside. The parser does not know the element, so it is found by the order of the items; when
 * they cannot be told apart with certainty the links stay as they are.
 */
export function restoreOriginalLinks(items: readonly RawItem[], xml: string): readonly RawItem[] {
  if (!/:origLink>/i.test(xml)) {
    return items;
  }
  const pieces = xml.split(/<(?:item|entry)[\s>]/i).slice(1);
  return pieces.length === items.length
    ? items.map((item, index) => ({ ...item, url: originalLink(pieces[index] ?? '') ?? item.url }))
    : items;
}

function originalLink(piece: string): string | undefined {
  const value = ORIGINAL.exec(piece)?.[2]?.replace(/^<!\[CDATA\[|\]\]>$/g, '');
  const url = toPlainText(value === undefined ? undefined : { value, isHtml: true });
  return /^https?:\/\//i.test(url) ? url : undefined;
}
