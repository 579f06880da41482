import { fileURLToPath } from 'node:url';
import type { Response } from 'express';
import { Liquid } from 'liquidjs';

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

/** A view by its path below src, without ending: `subscriptions/views/signup`. */
export async function renderView(view: string, data: Readonly<Record<string, unknown>>): Promise<string> {
  return (await engine.renderFile(view, data)) as string;
}

/** Sends a page. Its masthead names the publication, as createApp was told; an error page does without when that fails. */
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
  const html = await renderView(view, { publication, ...data, assets: assetVersion });
  res.status(status).type('html').send(html);
}
