import sanitizeHtml from 'sanitize-html';
import { canonicalUrl } from './canonical-url.ts';
import { boundHtml, toPlainText } from './clean-text.ts';

export interface FeedLink {
  readonly url: string;
  readonly title: string | null;
}

const FEED_TYPES: ReadonlySet<string> = new Set([
  'application/rss+xml',
  'application/atom+xml',
  'application/feed+json',
  'application/rdf+xml',
  'application/xml',
  'text/xml',
]);
/** WordPress offers the comments of a site beside its articles; nobody wants those in a newsletter. */
const COMMENTS = /\/comments?(?:\/|$)/i;
const MAX_LINKS = 20;

/** The feeds that a web page names in its head (`rel=alternate`), each once, addresses absolute. */
export function findFeedLinks(html: string, pageUrl: string): readonly FeedLink[] {
  let base = pageUrl;
  const links: { readonly href: string; readonly title: string | undefined }[] = [];
  sanitizeHtml(boundHtml(html.split(/<body[\s>]/i, 1).join('')), {
    allowedTags: [],
    onOpenTag: (name, { href, rel, type, title }) => {
      if (href !== undefined && name === 'base') {
        base = canonicalUrl(href, pageUrl) ?? pageUrl;
      }
      const isAlternate = rel?.toLowerCase().split(/\s+/).includes('alternate') === true;
      if (href !== undefined && name === 'link' && isAlternate && isFeedType(type)) {
        links.push({ href, title });
      }
    },
  });
  const found = new Map<string, FeedLink>();
  for (const { href, title } of links) {
    const url = canonicalUrl(href, base);
    if (url !== undefined && !found.has(url) && found.size < MAX_LINKS) {
      const name = toPlainText(title === undefined ? undefined : { value: title, isHtml: false }).slice(0, 200);
      found.set(url, { url, title: name || null });
    }
  }
  const articles = [...found.values()].filter(({ url }) => !COMMENTS.test(URL.parse(url)?.pathname ?? ''));
  return articles.length === 0 ? [...found.values()] : articles;
}

function isFeedType(type: string | undefined): boolean {
  return FEED_TYPES.has(type?.split(';', 1)[0]?.trim().toLowerCase() ?? '');
}
