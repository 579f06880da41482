import sanitizeHtml from 'sanitize-html';
import type { RawText } from './raw-feed.ts';

const BLOCKS = [
  'p',
  'br',
  'div',
  'li',
  'ul',
  'ol',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'blockquote',
  'pre',
  'tr',
  'td',
];
/** Their text is not the article's. */
const NOT_TEXT = ['script', 'style', 'textarea', 'option', 'noscript', 'iframe', 'object', 'svg', 'math', 'template'];
const NOT_PROSE = [...NOT_TEXT, 'figcaption', 'audio', 'video', 'button', 'select', 'title', 'head'];
/** Beyond this a text is cut before it is cleaned: no digest needs more, and cleaning costs by length. */
const MAX_HTML_LENGTH = 200_000;
/** The sanitiser's cost grows with the square of the nesting: 60,000 open tags took 6 s, 2000 take 10 ms. */
const MAX_TAGS = 2000;

const CONTENT_TAGS =
  'p br a strong b em i u s sub sup code pre blockquote hr img ul ol li h2 h3 h4 h5 h6 figure figcaption table thead tbody tr td th';

const CONTENT_OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: CONTENT_TAGS.split(' '),
  allowedAttributes: { a: ['href', 'title'], img: ['src', 'alt', 'width', 'height'] },
  allowedSchemes: ['https', 'http', 'mailto'],
  allowedSchemesByTag: { img: ['https'] },
  allowProtocolRelative: false,
  nonTextTags: NOT_TEXT,
  nestingLimit: 50,
};

/** Plain text of a feed's text: tags gone, entities read, white space folded. One line. */
export function toPlainText(text: RawText | undefined): string {
  if (text === undefined) {
    return '';
  }
  if (!text.isHtml) {
    return foldSpace(text.value);
  }
  const blocksOnly = sanitizeHtml(boundHtml(text.value), {
    allowedTags: BLOCKS,
    allowedAttributes: {},
    nonTextTags: NOT_PROSE,
    nestingLimit: 50,
  });
  return foldSpace(decodeBasicEntities(blocksOnly.replace(/<[^>]{0,20}>/g, ' ')));
}

/** Safe HTML of an article, with addresses made absolute. Images without https are dropped: mail clients block them. */
export function toSafeHtml(text: RawText | undefined, resolve: (url: string) => string | undefined): string {
  if (text === undefined) {
    return '';
  }
  const html = text.isHtml ? boundHtml(text.value) : `<p>${escapeHtml(text.value)}</p>`;
  const absolute = (name: string): sanitizeHtml.Transformer => {
    return (tagName, { [name]: url, ...rest }) => {
      const resolved = url === undefined ? undefined : resolve(url);
      return { tagName, attribs: resolved === undefined ? rest : { ...rest, [name]: resolved } };
    };
  };
  const cleaned = sanitizeHtml(html, {
    ...CONTENT_OPTIONS,
    transformTags: { a: absolute('href'), img: absolute('src'), h1: 'h2' },
    exclusiveFilter: ({ tag, attribs }) => tag === 'img' && attribs['src'] === undefined,
  });
  return cleaned.trim().toWellFormed();
}

/** As much of it as is cheap to clean. */
export function boundHtml(html: string): string {
  let at = -1;
  for (let tags = 0; tags <= MAX_TAGS; tags += 1) {
    at = html.indexOf('<', at + 1);
    if (at === -1) {
      return html.slice(0, MAX_HTML_LENGTH);
    }
  }
  return html.slice(0, Math.min(at, MAX_HTML_LENGTH));
}

/** Control characters would reach mail headers and logs; unpaired surrogates PostgreSQL refuses. */
function foldSpace(text: string): string {
  return text
    .replace(/[\p{Cc}\s\u200B\uFEFF]+/gu, ' ')
    .toWellFormed()
    .trim();
}

/** What sanitize-html writes for text, and nothing else: every other entity it has already read. */
function decodeBasicEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
