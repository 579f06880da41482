import express from 'express';
import type { Router } from 'express';
import { localeOf, sendPage } from '../http/index.ts';
import { directionOf, formatDay, translatorFor } from '../i18n/index.ts';
import { findNewsletter, listNewsletters, selectDigestRules } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { renderIntro } from '../rendering/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { Issue } from './issue.ts';
import { listPublishedIssues, selectPublishedIssue } from './issues.repository.ts';

const LISTED_ISSUES = 200;
const CACHE = 'public, max-age=60';

/**
 * The public archive: rendered from what the issue froze, so it says what the mail said, and without anything personal.
 * Only public newsletters have one.
 */
export function archiveRoutes(deps: { readonly db: Db; readonly publicUrl: string }): Router {
  const router = express.Router();
  router.get('/archive', async (req, res) => {
    const wanted = typeof req.query['newsletter'] === 'string' ? req.query['newsletter'] : undefined;
    const all = (await listNewsletters(deps.db)).filter((newsletter) => newsletter.isPublic);
    const shown = wanted === undefined ? all : all.filter((newsletter) => newsletter.slug === wanted);
    if (wanted !== undefined && shown.length === 0) {
      throw notFound('newsletter_not_found', 'There is no such newsletter.');
    }
    const newsletters = await Promise.all(
      shown.map((newsletter) => describeNewsletter(deps.db, newsletter, localeOf(res))),
    );
    res.set('Cache-Control', CACHE);
    await sendPage(res, 'digests/views/archive', {
      title: translatorFor(localeOf(res))('archive.title'),
      publication: shown.length === 1 ? shown[0]?.name : undefined,
      newsletters,
      isFiltered: wanted !== undefined && all.length > 1,
      canonicalUrl: `${deps.publicUrl}/archive${wanted === undefined ? '' : `?newsletter=${wanted}`}`,
    });
  });
  router.get('/archive/:newsletter/:issue', async (req, res) => {
    const newsletter = await findNewsletter(deps.db, { slug: req.params.newsletter });
    const number = /^[1-9]\d{0,8}$/.test(req.params.issue) ? Number(req.params.issue) : undefined;
    const issue =
      newsletter?.isPublic === true && number !== undefined
        ? await selectPublishedIssue(deps.db, newsletter.id, number)
        : undefined;
    if (newsletter === undefined || issue === undefined || number === undefined) {
      throw notFound('issue_not_found', 'There is no such issue.');
    }
    const [previous, next] = await Promise.all([
      selectPublishedIssue(deps.db, newsletter.id, number - 1),
      selectPublishedIssue(deps.db, newsletter.id, number + 1),
    ]);
    // The issue is in its newsletter's language, whatever the reader's.
    const text = translatorFor(newsletter.locale);
    res.set('Cache-Control', CACHE);
    if (!(await selectDigestRules(deps.db, newsletter.id)).archiveIndexable) {
      res.set('X-Robots-Tag', 'noindex');
    }
    await sendPage(res, 'digests/views/issue', {
      title: issue.title,
      newsletter: {
        name: newsletter.name,
        slug: newsletter.slug,
        locale: newsletter.locale,
        dir: directionOf(newsletter.locale),
      },
      issueNumber: text('archive.number', { number }),
      date: issue.publishedAt === null ? '' : formatDay(newsletter.locale, issue.publishedAt, newsletter.timeZone),
      dateIso: issue.publishedAt?.toISOString() ?? '',
      sections: issue.content.sections.map((section) => ({
        ...section,
        articles: section.articles.map(({ readingMinutes, ...article }) => ({
          ...article,
          ...(readingMinutes === undefined ? {} : { readingTime: text('archive.minutes', { count: readingMinutes }) }),
        })),
      })),
      introHtml: issue.content.intro === undefined ? '' : await renderIntro(issue.content.intro),
      notices: issue.content.notices ?? [],
      description: issue.content.preheader,
      previous: linkTo(newsletter, previous),
      next: linkTo(newsletter, next),
      canonicalUrl: `${deps.publicUrl}/archive/${newsletter.slug}/${number}`,
    });
  });
  return router;
}

async function describeNewsletter(db: Db, newsletter: Newsletter, locale: string) {
  const issues = await listPublishedIssues(db, newsletter.id, LISTED_ISSUES);
  return {
    name: newsletter.name,
    slug: newsletter.slug,
    lang: newsletter.locale,
    description: newsletter.description,
    issues: issues.map(({ number, title, publishedAt }) => ({
      number,
      title,
      date: formatDay(locale, publishedAt, newsletter.timeZone),
      dateIso: publishedAt.toISOString(),
      url: `/archive/${newsletter.slug}/${number}`,
    })),
  };
}

function linkTo(newsletter: Newsletter, issue: Issue | undefined): { title: string; url: string } | undefined {
  return issue === undefined
    ? undefined
    : { title: issue.title, url: `/archive/${newsletter.slug}/${issue.number ?? 0}` };
}
