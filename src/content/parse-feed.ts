import type { FeedWarning, NotAFeed } from './feed-reading.ts';
import { inspectXml } from './inspect-xml.ts';
import { MAX_DEPTH, isTooDeep } from './measure-depth.ts';
import { restoreOriginalLinks } from './original-links.ts';
import { nameText } from './name-document.ts';
import type { RawFeed } from './raw-feed.ts';
import { readAtom } from './read-atom.ts';
import { readJsonFeed } from './read-json-feed.ts';
import { readRdf, readRss } from './read-rss.ts';
import { FEED_ENDS, countItems, escapeStraySigns, findItems, headOf, rebuildFeed } from './salvage-feed.ts';
import type { FeedRoot } from './salvage-feed.ts';

export interface ParsedFeed {
  readonly kind: 'parsed';
  readonly feed: RawFeed;
  readonly warnings: readonly FeedWarning[];
}

const XML_READERS = { rss: readRss, feed: readAtom, 'rdf:rdf': readRdf } as const;
const HTML_ROOTS: ReadonlySet<string> = new Set(['html', 'head', 'body']);
const MAX_JUNK = 8192;
/** Far more than any publisher offers at once. */
const MAX_PARSED_ITEMS = 5000;

/** C0 controls that XML forbids; some feeds carry them, and PostgreSQL refuses NUL. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN_CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g;

/** Decides what a document is by its root and reads it. Parsers' errors become reasons; nothing is thrown. */
export function parseFeed(text: string): ParsedFeed | NotAFeed {
  const clean = text.replace(FORBIDDEN_CONTROLS, '').trim();
  if (clean === '') {
    return notAFeed('feed_empty', 'the document is empty');
  }
  return /^[{[]/.test(clean) ? parseJson(clean) : parseXml(clean);
}

function parseJson(text: string): ParsedFeed | NotAFeed {
  try {
    return { kind: 'parsed', feed: readJsonFeed(JSON.parse(text)), warnings: [] };
  } catch (error) {
    return error instanceof SyntaxError
      ? notAFeed('feed_malformed', 'the document is not valid JSON')
      : notAFeed('feed_unrecognised', 'this is JSON, but not a JSON Feed: it has no items');
  }
}

function parseXml(text: string): ParsedFeed | NotAFeed {
  const inspected = inspectXml(plainPrefixes(text));
  if (inspected.declaresEntities) {
    return notAFeed('feed_declares_entities', 'the document declares entities of its own, which are refused');
  }
  const warnings: FeedWarning[] = inspected.hadDoctype
    ? [{ code: 'doctype_removed', message: 'the document has a DOCTYPE, which feeds do not need' }]
    : [];
  if (isFeedRoot(inspected.rootName)) {
    return readAs(inspected.rootName, inspected.xml, warnings);
  }
  const isPage = HTML_ROOTS.has(inspected.rootName ?? '');
  const inner = findInnerFeed(inspected.xml) ?? (isPage ? undefined : findLateRoot(inspected.xml));
  if (inner !== undefined) {
    const warning = {
      code: 'found_inside_another_document',
      message: 'the feed lies inside another document',
    } as const;
    return readAs(inner.root, inner.xml, [...warnings, warning]);
  }
  return isPage
    ? notAFeed('feed_is_html', 'this is a web page, not a feed')
    : notAFeed('feed_unrecognised', nameText(inspected.xml.trim(), inspected.rootName));
}

function isFeedRoot(name: string | undefined): name is FeedRoot {
  return name !== undefined && Object.hasOwn(XML_READERS, name);
}

function readAs(root: FeedRoot, whole: string, given: readonly FeedWarning[]): ParsedFeed | NotAFeed {
  if (isTooDeep(whole)) {
    return notAFeed('feed_too_deep', `its elements are nested more than ${MAX_DEPTH} deep`);
  }
  const { xml, wasCut } = cutFlood(root, whole);
  const cut = { code: 'item_cap_reached', message: `only the first ${MAX_PARSED_ITEMS} items are read` } as const;
  const warnings = wasCut ? [...given, cut] : given;
  const feed = tryRead(root, xml);
  const count = feed?.items.length ?? 0;
  if (feed !== undefined && count > 0 && count >= countItems(xml)) {
    return { kind: 'parsed', feed, warnings };
  }
  const rescued = salvage(root, xml);
  if (rescued !== undefined && rescued.items.length > count) {
    const warning = { code: 'items_salvaged', message: 'the feed is broken; its items were read one by one' } as const;
    return { kind: 'parsed', feed: rescued, warnings: [...warnings, warning] };
  }
  return feed === undefined
    ? notAFeed('feed_malformed', 'the document begins like a feed but cannot be read')
    : { kind: 'parsed', feed, warnings };
}

/** As much as can be read when the whole cannot: with its signs escaped, around its items, or each item for itself. */
function salvage(root: FeedRoot, xml: string): RawFeed | undefined {
  const repaired = escapeStraySigns(xml);
  const expected = countItems(repaired);
  const head = headOf(root, repaired);
  const pieces = findItems(root, repaired);
  let best: RawFeed | undefined;
  for (const attempt of [
    () => tryRead(root, repaired),
    () => tryRead(root, rebuildFeed(root, head, pieces)),
    () => readEach(root, head, pieces),
  ]) {
    const feed = attempt();
    best = (feed?.items.length ?? 0) > (best?.items.length ?? 0) ? feed : best;
    if ((best?.items.length ?? 0) >= expected) {
      return best;
    }
  }
  return best;
}

function readEach(root: FeedRoot, head: string, pieces: readonly string[]): RawFeed | undefined {
  const feeds = pieces.map((piece) => tryRead(root, rebuildFeed(root, head, [piece])));
  const read = feeds.filter((feed) => feed !== undefined);
  return read[0] === undefined ? undefined : { ...read[0], items: read.flatMap(({ items }) => items) };
}

/** The parser needs about 0.1 ms an item: 5 MB of the smallest items would hold up everything else for ten seconds. */
function cutFlood(root: FeedRoot, xml: string): { readonly xml: string; readonly wasCut: boolean } {
  const starts = /<(?:item|entry)[\s>]/gi;
  for (let items = 0; items <= MAX_PARSED_ITEMS; items += 1) {
    if (!starts.test(xml)) {
      return { xml, wasCut: false };
    }
  }
  const end = xml.lastIndexOf('<', starts.lastIndex - 1);
  return { xml: xml.slice(0, end) + FEED_ENDS[root], wasCut: true };
}

/** A feed without a single readable element counts as unreadable for the parser, but an empty one is still a feed. */
function tryRead(root: FeedRoot, xml: string): RawFeed | undefined {
  try {
    const feed = XML_READERS[root](xml);
    return { ...feed, items: restoreOriginalLinks(feed.items, xml) };
  } catch {
    return undefined;
  }
}

/** Some sites wrap their Atom in a page. Only an element that names the Atom namespace counts: prose never does. */
function findInnerFeed(xml: string): { readonly root: FeedRoot; readonly xml: string } | undefined {
  const start = /<feed\s[^>]{0,1000}http:\/\/www\.w3\.org\/2005\/Atom/i.exec(xml)?.index;
  const end = xml.lastIndexOf('</feed>');
  return start === undefined || end < start ? undefined : { root: 'feed', xml: xml.slice(start, end + 7) };
}

/** Software that prints its warnings before the feed. Only near the start: an article may quote a whole feed. */
function findLateRoot(xml: string): { readonly root: FeedRoot; readonly xml: string } | undefined {
  const found = /<(rss|rdf:RDF)\s[^>]{0,2000}(?:version|xmlns)/i.exec(xml.slice(0, MAX_JUNK));
  const root = found?.[1]?.toLowerCase();
  return found === null || !isFeedRoot(root) ? undefined : { root, xml: xml.slice(found.index) };
}

/** `<atom:feed>` and `<r:RDF>` are the same to XML as what everybody writes, but not to the parser. */
function plainPrefixes(text: string): string {
  const [, prefix, root] =
    /^(?:<\?[^>]{0,200}\?>|<!--.{0,2000}?-->|\s)*<([\w-]{1,40}):(feed|RDF)[\s>]/s.exec(text) ?? [];
  if (prefix === undefined || root === undefined || (root === 'RDF' && prefix === 'rdf')) {
    return text;
  }
  const plain = root === 'feed' ? '' : 'rdf:';
  return text
    .replaceAll(`<${prefix}:`, `<${plain}`)
    .replaceAll(`</${prefix}:`, `</${plain}`)
    .replace(`xmlns:${prefix}=`, root === 'feed' ? 'xmlns=' : 'xmlns:rdf=')
    .replaceAll(` ${prefix}:`, ` ${plain}`);
}

function notAFeed(reason: NotAFeed['reason'], message: string): NotAFeed {
  return { kind: 'not-a-feed', reason, message };
}
