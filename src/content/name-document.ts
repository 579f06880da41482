/* oxlint-disable no-control-regex -- the first bytes of binary files */
/** What a document is that is no feed, for whoever gave its address. */
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG|^\xFF\xD8\xFF|^GIF8|^RIFF....WEBP|^\0\0\x01\0|^....ftypavif/s, 'this is an image, not a feed'],
  [/^%PDF-/, 'this is a PDF document, not a feed'],
  [/^PK\x03\x04|^\x1F\x8B|^BZh|^\x28\xB5\x2F\xFD|^7z/, 'this is a compressed file, not a feed'],
  [/^ID3|^\xFF[\xFB\xF3\xF2]|^OggS|^fLaC|^....ftyp|^RIFF....WAVE/s, 'this is a sound or a film, not a feed'],
];

const ROOTS: Readonly<Record<string, string>> = {
  opml: 'this is a list of feeds (OPML); give the address of one of them',
  urlset: 'this is a sitemap, not a feed',
  sitemapindex: 'this is a sitemap, not a feed',
  svg: 'this is an image, not a feed',
  entry: 'this is a single Atom entry, not a feed',
  item: 'this is a single RSS item, not a feed',
  opensearchdescription: 'this describes a search, not a feed',
  'soap:envelope': 'this is an answer of a web service, not a feed',
};

/** Elements of HTML that a piece of an article begins with. */
const PIECE =
  /^(?:a|article|b|blockquote|br|center|div|em|figure|h[1-6]|i|img|li|ol|p|pre|section|span|strong|table|ul)$/;

/** By its first bytes; undefined for text. */
export function nameBytes(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 16).toString('latin1');
  return SIGNATURES.find(([signature]) => signature.test(head))?.[1];
}

/** A text by its first element. */
export function nameText(text: string, rootName: string | undefined): string {
  const known = rootName !== undefined && Object.hasOwn(ROOTS, rootName) ? ROOTS[rootName] : undefined;
  if (known !== undefined) {
    return known;
  }
  if (rootName === undefined || !text.startsWith('<')) {
    return `this is text, neither RSS, Atom nor JSON Feed; it begins with ${quote(text)}`;
  }
  return PIECE.test(rootName)
    ? 'this is a piece of a web page, not a feed'
    : `this is XML, but neither RSS nor Atom: its root is <${rootName}>`;
}

function quote(text: string): string {
  const words = text.slice(0, 60).replace(/\s+/g, ' ').trim();
  return JSON.stringify(words.length > 30 ? `${words.slice(0, 30).trimEnd()}…` : words);
}
