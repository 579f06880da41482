import { parseAtomFeed } from 'feedsmith';
import type { AtomFeed } from 'feedsmith';
import { isEscapedTwice, namesOf, present } from './raw-feed.ts';
import type { RawFeed, RawItem, RawText } from './raw-feed.ts';
import { readMediaImages } from './raw-media.ts';

type Entry = AtomFeed.Entry<string>;
type Link = AtomFeed.Link<string>;

/** Relations that never lead to the article itself. */
const OTHER_RELATIONS = new Set([
  'self',
  'edit',
  'hub',
  'replies',
  'enclosure',
  'license',
  'next',
  'previous',
  'search',
]);

/** Atom 1.0 and the 0.3 that old software still writes. */
export function readAtom(xml: string): RawFeed {
  const feed = parseAtomFeed(xml);
  return {
    format: 'atom',
    title: rawText(feed.title),
    homeUrl: articleLink(feed.links),
    // The base is where it was retrieved from (RFC 4287 2); copies and proxies are better served by its own word for that.
    baseUrl: feed.xml?.base ?? feed.links?.find(({ rel }) => rel === 'self')?.href,
    language: feed.xml?.lang ?? feed.dc?.languages?.[0],
    items: (feed.entries ?? []).map((entry) => readEntry(entry, namesOf(feed.authors?.map(({ name }) => name)))),
  };
}

function readEntry(entry: Entry, feedAuthor: string | undefined): RawItem {
  return {
    guid: entry.id,
    url: articleLink(entry.links) ?? addressIn(entry.id) ?? entry.content?.src,
    baseUrl: entry.xml?.base ?? entry.content?.xml?.base,
    title: rawText(entry.title),
    summary: rawText(entry.summary ?? mediaDescription(entry)),
    content: rawText(entry.content),
    author: namesOf(entry.authors?.map(({ name }) => name)) ?? namesOf(entry.dc?.creators) ?? feedAuthor,
    dates: present(entry.published, entry.updated, ...(entry.dc?.dates ?? [])),
    images: [
      ...readMediaImages(entry.media),
      ...(entry.links ?? []).flatMap(({ rel, type, href }) =>
        rel === 'enclosure' && type?.startsWith('image/') === true && href !== undefined ? [{ url: href }] : [],
      ),
    ],
    language: entry.xml?.lang ?? entry.content?.xml?.lang,
    categories: present(...(entry.categories ?? []).map(({ label, term }) => label ?? term)),
  };
}

/** RFC 4287 3.1: text unless it says html or xhtml. Atom 0.3 wrote media types there. */
function rawText(text: { readonly value?: string; readonly type?: string } | undefined): RawText | undefined {
  if (text?.value === undefined) {
    return undefined;
  }
  const type = text.type?.toLowerCase() ?? 'text';
  const isText = type === 'text' || type === 'text/plain';
  return { value: text.value, isHtml: !isText || isEscapedTwice(text.value) };
}

function articleLink(links: readonly Link[] | undefined): string | undefined {
  const found = links ?? [];
  const alternates = found.filter(({ rel }) => rel === undefined || rel === 'alternate');
  const html = alternates.find(({ type }) => type === undefined || type.includes('html'));
  const other = found.find(({ rel }) => rel === undefined || !OTHER_RELATIONS.has(rel));
  return (html ?? alternates[0] ?? other)?.href;
}

function addressIn(id: string | undefined): string | undefined {
  return id !== undefined && /^https?:\/\//i.test(id) ? id : undefined;
}

/** YouTube keeps the text in media:group. */
function mediaDescription(entry: Entry): { readonly value?: string; readonly type?: string } | undefined {
  return entry.media?.description ?? entry.media?.groups?.[0]?.description;
}
