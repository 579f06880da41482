import { fileURLToPath } from 'node:url';
import type { Request, Response } from 'express';
import { Liquid } from 'liquidjs';
import { directionOf, findLocale, LOCALES, registerTranslation, translatorFor } from '../i18n/index.ts';
import { escapeHtml } from '../shared/escape-html.ts';
import { readStyles } from './assets.ts';
import { acceptedLocale, localeOf } from './choose-locale.ts';
import { sendCached } from './send-cached.ts';

const SOURCE_ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Everything put into a page is escaped for HTML unless a template says `raw` (only for our own rendered Markdown). */
const engine = new Liquid({
  root: SOURCE_ROOT,
  partials: SOURCE_ROOT,
  layouts: SOURCE_ROOT,
  extname: '.liquid',
  cache: true,
  outputEscape: 'escape',
  ownPropertyOnly: true,
  strictFilters: true,
});
registerTranslation(engine, escapeHtml);

/** A view by its path below src, without ending: `subscriptions/views/signup`. */
export async function renderView(view: string, data: Readonly<Record<string, unknown>>): Promise<string> {
  return (await engine.renderFile(view, data)) as string;
}

/**
 * Sends a page in the language that was chosen for the request, or in `data.locale` when the page knows its reader better. Its
 * masthead names the publication, as createApp was told; an error page does without when that fails. `langQuery` is what a link
 * to another page of ours needs to stay in this language: empty when the browser asks for it anyway.
 */
export async function sendPage(
  res: Response,
  view: string,
  data: Readonly<Record<string, unknown>>,
  status = 200,
): Promise<void> {
  const html = await renderPage(res, view, data);
  res.vary('Accept-Language').set('Content-Language', localeFor(res, data));
  res.status(status).type('html').send(html);
}

/** As `sendPage`, for a page that is the same for everybody who reads its language: who has it already is told so. */
export async function sendCachedPage(
  res: Response,
  view: string,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  const html = await renderPage(res, view, data);
  res.vary('Accept-Language').set('Content-Language', localeFor(res, data));
  sendCached(res, 'text/html', html);
}

/** The same page as a document that needs no other file: for the frame of the admin app, which may load none of ours. */
export function renderFramed(res: Response, view: string, data: Readonly<Record<string, unknown>>): Promise<string> {
  return renderPage(res, view, { ...data, inlineStyles: readStyles() });
}

async function renderPage(res: Response, view: string, data: Readonly<Record<string, unknown>>): Promise<string> {
  const { assetVersion, readPublication } = res.app.locals as {
    assetVersion: string;
    readPublication: (locale: string) => Promise<string>;
  };
  const locale = localeFor(res, data);
  const publication = await readPublication?.(locale).catch(() => undefined);
  return renderView(view, {
    publication,
    ...data,
    locale,
    dir: directionOf(locale),
    languages: linkLanguages(res.req, locale),
    langQuery: locale === acceptedLocale(res.req) ? '' : `?lang=${locale}`,
    assets: assetVersion,
  });
}

/** What the page knows of its reader may be a language that we do not speak. */
function localeFor(res: Response, data: Readonly<Record<string, unknown>>): string {
  const known = typeof data['locale'] === 'string' ? findLocale(data['locale']) : undefined;
  return known ?? localeOf(res);
}

/** The same page in each language. The answer to a form has no address of its own to go back to. */
function linkLanguages(req: Request, current: string): readonly Readonly<Record<string, unknown>>[] {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    return [];
  }
  const query = new URLSearchParams(req.originalUrl.split('?', 2)[1] ?? '');
  return LOCALES.map((tag) => {
    query.set('lang', tag);
    return { tag, name: translatorFor(tag)('language'), isCurrent: tag === current, href: `?${query.toString()}` };
  });
}
