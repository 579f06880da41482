import express from 'express';
import type { Request, Response, Router } from 'express';
import { listNewestOfEach, listWholeIssues, selectPublishedIssue } from '../digests/index.ts';
import { allowPictures, localeOf, sendCached, sendCachedPage, sendPage } from '../http/index.ts';
import { translatorFor } from '../i18n/index.ts';
import { describeCadence } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { ArchivedNewsletter } from './archived-newsletter.ts';
import { selectArchivedNewsletters } from './archived-newsletters.repository.ts';
import { writeBrandStyles } from './brand-styles.ts';
import { describeHead } from './describe-head.ts';
import { describeIssue } from './describe-issue.ts';
import { lastChangeOf, writeFeed } from './feed.ts';
import { listIssue, listShelf } from './list-issues.ts';
import type { Shelf } from './list-issues.ts';

export interface ArchiveDeps {
  readonly db: Db;
  readonly publicUrl: string;
}

const NEWEST = 5;
const FEED_ENTRIES = 20;
const CACHE = 'public, max-age=60';
const FEED_CACHE = 'public, max-age=300';
/** Its address changes with it. */
const STYLES_CACHE = 'public, max-age=31536000, immutable';

/**
 * The public archive: rendered from what the issue froze, so it says what the mail said, and without anything personal.
 * Only public newsletters have one.
 */
export function archivePages(deps: ArchiveDeps): Router {
  const router = express.Router();
  router.get('/archive', (req, res) => sendArchive(deps, req, res));
  router.get('/archive/:newsletter', async (req, res) => {
    await sendNewsletter(deps, await requireArchived(deps, req.params.newsletter), req, res);
  });
  router.get('/archive/:newsletter/feed.xml', async (req, res) => {
    const newsletter = await requireArchived(deps, req.params.newsletter);
    const issues = await listWholeIssues(deps.db, newsletter.id, FEED_ENTRIES);
    hideFromSearch(res, newsletter);
    res.set({ 'Cache-Control': FEED_CACHE, 'Last-Modified': lastChangeOf(newsletter, issues).toUTCString() });
    sendCached(res, 'application/atom+xml', await writeFeed(newsletter, issues, deps.publicUrl));
  });
  router.get('/archive/:newsletter/brand.css', async (req, res) => {
    const newsletter = await requireArchived(deps, req.params.newsletter);
    res.set('Cache-Control', STYLES_CACHE);
    sendCached(res, 'text/css', writeBrandStyles(newsletter.brand));
  });
  router.get('/archive/:newsletter/:issue', (req, res) => sendIssue(deps, req.params, res));
  return router;
}

/** All newsletters, or the one that `?newsletter=` names, as mails have named it since there are any. */
async function sendArchive(deps: ArchiveDeps, req: Request, res: Response): Promise<void> {
  const wanted = req.query['newsletter'];
  if (typeof wanted === 'string') {
    await sendNewsletter(deps, await requireArchived(deps, wanted), req, res);
    return;
  }
  const newsletters = await selectArchivedNewsletters(deps.db);
  const locale = localeOf(res);
  const newest = await listNewestOfEach(
    deps.db,
    newsletters.map(({ id }) => id),
    NEWEST,
  );
  res.set('Cache-Control', CACHE);
  await sendCachedPage(res, 'archive/views/archive', {
    title: translatorFor(locale)('archive.title'),
    canonicalUrl: `${deps.publicUrl}/archive`,
    newsletters: newsletters.map((newsletter) => ({
      ...newsletter,
      url: `/archive/${newsletter.slug}`,
      issues: (newest.get(newsletter.id) ?? []).map((issue) => listIssue(newsletter, issue, locale)),
    })),
  });
}

async function sendNewsletter(
  deps: ArchiveDeps,
  newsletter: ArchivedNewsletter,
  req: Request,
  res: Response,
): Promise<void> {
  const shelf = readShelf(req);
  const locale = localeOf(res);
  const listed = shelf === undefined ? undefined : await listShelf(deps.db, newsletter, shelf, locale);
  if (shelf === undefined || listed === undefined) {
    throw notFound('not_found', 'There is nothing at this address.');
  }
  const text = translatorFor(locale);
  prepare(res, newsletter, newsletter.brand.logoUrl !== null);
  await sendCachedPage(res, 'archive/views/newsletter', {
    ...describeHead(newsletter, deps.publicUrl),
    title: shelf.year === undefined ? text('archive.title') : text('archive.of_year', { year: String(shelf.year) }),
    newsletter: { ...newsletter, cadence: describeCadence(newsletter.cron, newsletter.timeZone, locale) },
    canonicalUrl: deps.publicUrl + addressOf(newsletter, shelf),
    months: listed.months,
    years: listed.years.map((year) => ({
      year,
      isShown: year === shelf.year,
      url: addressOf(newsletter, { year, page: 1 }, req, locale),
    })),
    allUrl: addressOf(newsletter, { page: 1 }, req, locale),
    isOneYear: shelf.year !== undefined,
    page: shelf.page,
    pages: listed.pages,
    newerUrl: shelf.page > 1 ? addressOf(newsletter, { ...shelf, page: shelf.page - 1 }, req, locale) : undefined,
    olderUrl:
      shelf.page < listed.pages ? addressOf(newsletter, { ...shelf, page: shelf.page + 1 }, req, locale) : undefined,
  });
}

async function sendIssue(
  deps: ArchiveDeps,
  params: { readonly newsletter: string; readonly issue: string },
  res: Response,
): Promise<void> {
  const newsletter = await requireArchived(deps, params.newsletter);
  const number = readNumber(params.issue);
  const issue = number === undefined ? undefined : await selectPublishedIssue(deps.db, newsletter.id, number);
  const head = describeHead(newsletter, deps.publicUrl);
  const locale = localeOf(res);
  if (issue === undefined) {
    if (!res.req.accepts('html')) {
      throw notFound('issue_not_found', 'There is no such issue.');
    }
    prepare(res, newsletter, head.logo !== null);
    const title = translatorFor(locale)('archive.missing');
    await sendPage(res, 'archive/views/missing', { ...head, title, newsletter, isHidden: true }, 404);
    return;
  }
  const shown = await describeIssue(newsletter, issue);
  const hasPictures = shown.sections.some(({ articles }) => articles.some(({ image }) => image !== null));
  prepare(res, newsletter, head.logo !== null || hasPictures || shown.lead?.image !== null);
  await sendCachedPage(res, 'archive/views/issue', {
    ...head,
    title: shown.title,
    issue: shown,
    newsletter: { ...newsletter, cadence: describeCadence(newsletter.cron, newsletter.timeZone, locale) },
    previous: issue.previous === undefined ? undefined : listIssue(newsletter, issue.previous, locale),
    next: issue.next === undefined ? undefined : listIssue(newsletter, issue.next, locale),
    canonicalUrl: `${deps.publicUrl}/archive/${newsletter.slug}/${issue.number}`,
  });
}

/** @throws AppError `newsletter_not_found`, for one that is not public as well. */
async function requireArchived(deps: ArchiveDeps, slug: string): Promise<ArchivedNewsletter> {
  const [newsletter] = await selectArchivedNewsletters(deps.db, slug);
  if (newsletter === undefined) {
    throw notFound('newsletter_not_found', 'There is no such newsletter.');
  }
  return newsletter;
}

function prepare(res: Response, newsletter: ArchivedNewsletter, hasPictures: boolean): void {
  hideFromSearch(res, newsletter);
  res.set('Cache-Control', CACHE);
  if (hasPictures) {
    allowPictures(res);
  }
}

function hideFromSearch(res: Response, newsletter: ArchivedNewsletter): void {
  if (!newsletter.isIndexable) {
    res.set('X-Robots-Tag', 'noindex');
  }
}

/** Undefined for what was never an address of ours. */
function readShelf(req: Request): Shelf | undefined {
  const page = req.query['page'] === undefined ? 1 : readNumber(req.query['page']);
  const year = req.query['year'] === undefined ? undefined : readNumber(req.query['year']);
  if (page === undefined || (req.query['year'] !== undefined && year === undefined)) {
    return undefined;
  }
  return { page, ...(year === undefined ? {} : { year }) };
}

function readNumber(value: unknown): number | undefined {
  return typeof value === 'string' && /^[1-9]\d{0,6}$/.test(value) ? Number(value) : undefined;
}

/** Below PUBLIC_URL; with a request, in the language that was chosen there. */
function addressOf({ slug }: ArchivedNewsletter, { year, page }: Shelf, req?: Request, locale = ''): string {
  const query = new URLSearchParams();
  if (year !== undefined) {
    query.set('year', String(year));
  }
  if (page > 1) {
    query.set('page', String(page));
  }
  if (req?.query['lang'] !== undefined) {
    query.set('lang', locale);
  }
  return `/archive/${slug}${query.size === 0 ? '' : `?${query.toString()}`}`;
}
