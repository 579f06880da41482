import { createHash } from 'node:crypto';
import { renderView } from '../http/index.ts';
import { translatorFor } from '../i18n/index.ts';
import type { WholeIssue } from '../digests/index.ts';
import type { ArchivedNewsletter } from './archived-newsletter.ts';
import { describeIssue } from './describe-issue.ts';

/** What XML 1.0 cannot hold, in no spelling (section 2.2), lone surrogates among it. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

export function feedPath(slug: string): string {
  return `/archive/${slug}/feed.xml`;
}

/** A newsletter's issues as an Atom feed (RFC 4287), newest first, each whole. */
export async function writeFeed(
  newsletter: ArchivedNewsletter,
  issues: readonly WholeIssue[],
  publicUrl: string,
): Promise<string> {
  const pageUrl = `${publicUrl}/archive/${newsletter.slug}`;
  const entries = await Promise.all(
    issues.map(async (issue) => {
      const shown = await describeIssue(newsletter, issue);
      return {
        id: stableId(newsletter, String(issue.number)),
        title: shown.title,
        url: `${pageUrl}/${issue.number}`,
        dateIso: shown.dateIso,
        summary: shown.description,
        // HTML in itself, which the feed then holds as escaped text (4.1.3.3).
        html: await renderView('archive/views/feed-entry', { issue: shown, locale: newsletter.locale, publicUrl }),
      };
    }),
  );
  const xml = await renderView('archive/views/feed', {
    id: stableId(newsletter, ''),
    newsletter,
    title: newsletter.name,
    language: newsletter.locale,
    subtitle: newsletter.description || translatorFor(newsletter.locale)('archive.title'),
    updatedIso: lastChangeOf(newsletter, issues).toISOString(),
    pageUrl,
    selfUrl: publicUrl + feedPath(newsletter.slug),
    entries,
  });
  return xml.replaceAll(NOT_XML, '');
}

/** Of the feed: its issues never change, so its last change is the newest of them. */
export function lastChangeOf(newsletter: ArchivedNewsletter, issues: readonly WholeIssue[]): Date {
  return issues[0]?.publishedAt ?? newsletter.createdAt;
}

/**
 * Readers of feeds know entries by it for ever (4.2.6), so it holds neither the host nor the slug, which may both change. A UUID
 * of version 8 (RFC 9562), since ours is made in our own way.
 */
function stableId(newsletter: ArchivedNewsletter, part: string): string {
  const name = ['courant archive', newsletter.createdAt.toISOString(), String(newsletter.id), part].join('\n');
  const hex = createHash('sha256').update(name).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return `urn:uuid:${uuid}`;
}
