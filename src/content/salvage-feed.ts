export type FeedRoot = 'rss' | 'feed' | 'rdf:rdf';

interface Shape {
  readonly item: 'item' | 'entry';
  readonly root: RegExp;
  /** When the root's own tag cannot be found. */
  readonly plainRoot: string;
  readonly head: readonly [string, string];
}

const SHAPES: Readonly<Record<FeedRoot, Shape>> = {
  rss: {
    item: 'item',
    root: /<rss(?:\s[^>]{0,8000})?>/i,
    plainRoot: '<rss version="2.0">',
    head: ['<channel>', ''],
  },
  feed: {
    item: 'entry',
    root: /<feed(?:\s[^>]{0,8000})?>/i,
    plainRoot: '<feed xmlns="http://www.w3.org/2005/Atom">',
    head: ['', ''],
  },
  'rdf:rdf': {
    item: 'item',
    root: /<rdf:RDF(?:\s[^>]{0,8000})?>/i,
    plainRoot: '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">',
    head: ['<channel>', '</channel>'],
  },
};
export const FEED_ENDS = { rss: '</channel></rss>', feed: '</feed>', 'rdf:rdf': '</rdf:RDF>' } as const;
/** Read once for each item when nothing else helps. */
const MAX_HEAD_LENGTH = 20_000;
const SIMPLE_HEAD_ELEMENTS = ['title', 'link', 'language'] as const;

/** How many items a document seems to offer; what articles quote in CDATA does not count. */
export function countItems(xml: string): number {
  const bare = xml.replace(/<!\[CDATA\[.*?(?:\]\]>|$)|<!--.*?(?:-->|$)/gs, '');
  return bare.match(/<(?:item|entry)[\s>]/gi)?.length ?? 0;
}

/** `AT&T < 5` in the words of an article. A sign that opens no tag is a sign. */
export function escapeStraySigns(xml: string): string {
  return xml.replace(/<(?![a-z_/!?])/gi, '&lt;');
}

/** What stands before the first item: the elements of the feed itself. */
export function headOf(root: FeedRoot, xml: string): string {
  const firstItem = xml.search(new RegExp(`<${SHAPES[root].item}[\\s>]`, 'i'));
  return xml.slice(0, Math.min(firstItem === -1 ? xml.length : firstItem, MAX_HEAD_LENGTH));
}

/**
 * A broken document around such of its items as are whole: an element that is never closed (seen in podcast feeds) swallows
 * all the items after it, although each item is sound.
 */
export function rebuildFeed(root: FeedRoot, head: string, items: readonly string[]): string {
  const { root: tag, plainRoot, head: place } = SHAPES[root];
  const elements = SIMPLE_HEAD_ELEMENTS.map((name) => elementOf(head, name)).join('');
  return `${tag.exec(head)?.[0] ?? plainRoot}${place[0]}${elements}${place[1]}${items.join('')}${FEED_ENDS[root]}`;
}

/** Each piece from one start of an item to its own end; a piece that holds none was cut off and is left out. */
export function findItems(root: FeedRoot, xml: string): string[] {
  const { item } = SHAPES[root];
  const end = new RegExp(`</${item}\\s*>`, 'i');
  return xml.split(new RegExp(`(?=<${item}[\\s>])`, 'i')).flatMap((piece, index) => {
    const at = index === 0 && !piece.startsWith(`<${item}`) ? -1 : piece.search(end);
    return at === -1 ? [] : [`${piece.slice(0, at)}</${item}>`];
  });
}

function elementOf(head: string, name: string): string {
  const words = `(?:<!\\[CDATA\\[[^\\]]{0,2000}\\]\\]>|[^<]{0,2000})`;
  const whole = new RegExp(`<${name}(?:\\s[^>]{0,500})?>${words}</${name}>`, 'i').exec(head)?.[0];
  return whole ?? new RegExp(`<${name}\\s[^>]{0,2000}/>`, 'i').exec(head)?.[0] ?? '';
}
