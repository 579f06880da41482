import { escapeHtml } from '../shared/escape-html.ts';

/** What one file may hold (sitemaps.org). */
export const SITEMAP_URLS = 50_000;

interface SitemapEntry {
  readonly url: string;
  readonly changedAt?: Date;
}

/** The addresses of pages. */
export function writeSitemap(entries: readonly SitemapEntry[]): string {
  return write('urlset', 'url', entries);
}

/** The addresses of sitemaps. */
export function writeSitemapIndex(entries: readonly SitemapEntry[]): string {
  return write('sitemapindex', 'sitemap', entries);
}

function write(list: string, item: string, entries: readonly SitemapEntry[]): string {
  const lines = entries.map(({ url, changedAt }) => {
    const changed = changedAt === undefined ? '' : `<lastmod>${changedAt.toISOString()}</lastmod>`;
    return `<${item}><loc>${escapeHtml(url)}</loc>${changed}</${item}>\n`;
  });
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return `${head}<${list} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${lines.join('')}</${list}>\n`;
}
