import { parseRdfFeed, parseRssFeed } from 'feedsmith';
import type { RdfFeed, RssFeed } from 'feedsmith';
import { namesOf, present, rawBody, rawHtml } from './raw-feed.ts';
import type { RawFeed, RawImage, RawItem } from './raw-feed.ts';
import { readMediaImages } from './raw-media.ts';

type RssItem = RssFeed.Item<string>;
type RdfItem = RdfFeed.Item<string>;

/** RSS 0.91 to 2.0. Titles and descriptions are HTML in practice, whatever the specification says. */
export function readRss(xml: string): RawFeed {
  const feed = parseRssFeed(xml);
  return {
    format: 'rss',
    title: rawHtml(feed.title),
    homeUrl: feed.link ?? alternateLink(feed.atom?.links),
    baseUrl: feed.xml?.base ?? feed.link,
    language: feed.language ?? feed.dc?.languages?.[0],
    ttlMinutes: feed.ttl,
    items: (feed.items ?? []).map(readRssItem),
  };
}

function readRssItem(item: RssItem): RawItem {
  return {
    guid: item.guid?.value,
    url: item.link ?? alternateLink(item.atom?.links) ?? permalinkOf(item) ?? item.enclosures?.[0]?.url,
    baseUrl: item.xml?.base,
    title: rawHtml(item.title ?? item.itunes?.title ?? item.dc?.titles?.[0] ?? item.media?.title?.value),
    summary: rawBody(
      item.description ??
        item.itunes?.summary ??
        item.itunes?.subtitle ??
        item.dc?.descriptions?.[0] ??
        item.media?.description?.value,
    ),
    content: rawBody(item.content?.encoded),
    author:
      namesOf(item.dc?.creators) ??
      namesOf(item.authors?.map(nameOf)) ??
      namesOf(item.atom?.authors?.map(({ name }) => name)) ??
      item.itunes?.author,
    dates: present(item.pubDate, ...(item.dc?.dates ?? []), item.atom?.published, item.atom?.updated),
    images: imagesOf(item),
    language: item.dc?.languages?.[0],
    categories: present(...(item.categories ?? []).map(({ name }) => name), ...(item.dc?.subjects ?? [])),
  };
}

/** RSS 0.90 and 1.0. */
export function readRdf(xml: string): RawFeed {
  const feed = parseRdfFeed(xml);
  return {
    format: 'rdf',
    title: rawHtml(feed.title),
    homeUrl: feed.link,
    baseUrl: feed.xml?.base ?? feed.link,
    language: feed.dc?.languages?.[0],
    items: (feed.items ?? []).map(readRdfItem),
  };
}

function readRdfItem(item: RdfItem): RawItem {
  return {
    guid: item.rdf?.about,
    url: item.link ?? item.rdf?.about,
    baseUrl: item.xml?.base,
    title: rawHtml(item.title ?? item.dc?.titles?.[0]),
    summary: rawBody(item.description ?? item.dc?.descriptions?.[0]),
    content: rawBody(item.content?.encoded),
    author: namesOf(item.dc?.creators),
    dates: present(...(item.dc?.dates ?? []), item.dcterms?.created?.[0], item.dcterms?.modified?.[0]),
    images: readMediaImages(item.media),
    language: item.dc?.languages?.[0],
    categories: item.dc?.subjects ?? [],
  };
}

/** A guid is a permalink unless it says otherwise; one that says so and still is an address is better than nothing. */
function permalinkOf({ guid }: RssItem): string | undefined {
  const value = guid?.value ?? '';
  const isPath = value.startsWith('/') && guid?.isPermaLink !== false;
  return isPath || /^https?:\/\//i.test(value) ? value : undefined;
}

function alternateLink(
  links: readonly { readonly href?: string; readonly rel?: string }[] | undefined,
): string | undefined {
  return links?.find(({ rel }) => rel === undefined || rel === 'alternate')?.href;
}

/** `<author>` should be an address with the name in brackets; an address alone is not shown to readers. */
function nameOf(person: RssFeed.Person | undefined): string | undefined {
  const name = person?.name;
  return name === undefined || /^\S+@\S+$/.test(name) ? undefined : name;
}

function imagesOf(item: RssItem): RawImage[] {
  const enclosed = (item.enclosures ?? []).flatMap(({ url, type }) =>
    url !== undefined && type?.startsWith('image/') === true ? [{ url }] : [],
  );
  return [...readMediaImages(item.media), ...enclosed, ...present(item.itunes?.image).map((url) => ({ url }))];
}
