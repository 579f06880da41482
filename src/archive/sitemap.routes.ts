import express from 'express';
import type { Router } from 'express';
import { countPublished, listPublishedOf } from '../digests/index.ts';
import { sendCached } from '../http/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { ArchiveDeps } from './archive.routes.ts';
import { selectArchivedNewsletters } from './archived-newsletters.repository.ts';
import { SITEMAP_URLS, writeSitemap, writeSitemapIndex } from './sitemap.ts';

const CACHE = 'public, max-age=3600';

/** For search engines: `GET /robots.txt`, and a sitemap of what they may list. */
export function sitemapPages(deps: ArchiveDeps): Router {
  const router = express.Router();
  router.get('/robots.txt', (_req, res) => {
    res.set('Cache-Control', CACHE);
    // Pages behind a token say `noindex` themselves, which a crawler can read only where it may come.
    sendCached(
      res,
      'text/plain',
      `User-agent: *\nDisallow: /api/\nDisallow: /admin\n\nSitemap: ${deps.publicUrl}/sitemap.xml\n`,
    );
  });
  router.get('/sitemap.xml', async (_req, res) => {
    const count = await countPublished(deps.db, await indexableIds(deps));
    const pages = Array.from({ length: Math.ceil(count / SITEMAP_URLS) }, (_none, index) => ({
      url: `${deps.publicUrl}/sitemap/issues-${index + 1}.xml`,
    }));
    res.set('Cache-Control', CACHE);
    sendCached(
      res,
      'application/xml',
      writeSitemapIndex([{ url: `${deps.publicUrl}/sitemap/newsletters.xml` }, ...pages]),
    );
  });
  router.get('/sitemap/newsletters.xml', async (_req, res) => {
    const slugs = (await indexable(deps)).map(({ slug }) => slug);
    const paths = ['/', '/archive', ...slugs.flatMap((slug) => [`/newsletters/${slug}`, `/archive/${slug}`])];
    res.set('Cache-Control', CACHE);
    sendCached(res, 'application/xml', writeSitemap(paths.map((path) => ({ url: deps.publicUrl + path }))));
  });
  router.get('/sitemap/:file', async (req, res) => {
    const page = Number(/^issues-([1-9]\d{0,3})\.xml$/.exec(req.params.file)?.[1] ?? Number.NaN);
    const slugs = new Map((await indexable(deps)).map(({ id, slug }) => [id, slug]));
    const issues = Number.isNaN(page)
      ? []
      : await listPublishedOf(deps.db, [...slugs.keys()], { limit: SITEMAP_URLS, offset: (page - 1) * SITEMAP_URLS });
    if (issues.length === 0) {
      throw notFound('not_found', 'There is nothing at this address.');
    }
    const entries = issues.map(({ newsletterId, number, publishedAt }) => ({
      url: `${deps.publicUrl}/archive/${slugs.get(newsletterId) ?? ''}/${number}`,
      changedAt: publishedAt,
    }));
    res.set('Cache-Control', CACHE);
    sendCached(res, 'application/xml', writeSitemap(entries));
  });
  return router;
}

async function indexable(deps: ArchiveDeps) {
  return (await selectArchivedNewsletters(deps.db)).filter(({ isIndexable }) => isIndexable);
}

async function indexableIds(deps: ArchiveDeps) {
  return (await indexable(deps)).map(({ id }) => id);
}
