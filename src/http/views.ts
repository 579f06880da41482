import { fileURLToPath } from 'node:url';
import type { Response } from 'express';
import { Liquid } from 'liquidjs';
import { directionOf, LOCALES, registerTranslation, translatorFor } from '../i18n/index.ts';
import { escapeHtml } from '../shared/escape-html.ts';
import { localeOf } from './choose-locale.ts';

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
 * masthead names the publication, as createApp was told; an error page does without when that fails.
 */
export async function sendPage(
  res: Response,
  view: string,
  data: Readonly<Record<string, unknown>>,
  status = 200,
): Promise<void> {
  const { assetVersion, readPublication } = res.app.locals as {
    assetVersion: string;
    readPublication: () => Promise<string>;
  };
  const publication = await readPublication?.().catch(() => undefined);
  const locale = typeof data['locale'] === 'string' ? data['locale'] : localeOf(res);
  const html = await renderView(view, {
    publication,
    lang: locale,
    ...data,
    locale,
    dir: directionOf(typeof data['lang'] === 'string' ? data['lang'] : locale),
    languages: LOCALES.map((tag) => ({ tag, name: translatorFor(tag)('language'), isCurrent: tag === locale })),
    assets: assetVersion,
  });
  res.status(status).type('html').send(html);
}
