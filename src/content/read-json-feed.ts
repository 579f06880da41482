import { parseJsonFeed } from 'feedsmith';
import type { JsonFeed } from 'feedsmith';
import { isEscapedTwice, namesOf, present, rawHtml } from './raw-feed.ts';
import type { RawFeed, RawItem, RawText } from './raw-feed.ts';

/** JSON Feed 1.0 and 1.1. */
export function readJsonFeed(json: unknown): RawFeed {
  const feed = parseJsonFeed(json);
  return {
    format: 'json',
    title: plain(feed.title),
    homeUrl: feed.home_page_url,
    baseUrl: feed.home_page_url,
    language: feed.language,
    items: (feed.items ?? []).map((item) => readItem(item, namesOf(feed.authors?.map(({ name }) => name)))),
  };
}

function readItem(item: JsonFeed.Item<string>, feedAuthor: string | undefined): RawItem {
  return {
    guid: item.id,
    url:
      item.url ?? item.external_url ?? (item.id !== undefined && /^https?:\/\//i.test(item.id) ? item.id : undefined),
    baseUrl: undefined,
    title: plain(item.title),
    summary: plain(item.summary),
    content: rawHtml(item.content_html) ?? plain(item.content_text),
    author: namesOf(item.authors?.map(({ name }) => name)) ?? feedAuthor,
    dates: present(item.date_published, item.date_modified),
    images: present(item.image, item.banner_image).map((url) => ({ url })),
    language: item.language,
    categories: item.tags ?? [],
  };
}

function plain(value: string | undefined): RawText | undefined {
  return value === undefined ? undefined : { value, isHtml: isEscapedTwice(value) };
}
