import express from 'express';
import type { Request, Response, Router } from 'express';
import { sendPage } from '../http/index.ts';
import { createEmbedScripts, EMBED_SCRIPTS } from './embed-script.ts';
import type { EmbedScript } from './embed-script.ts';

/** A repaired script reaches readers within this time, since publishers rarely change the address in their pages. */
const SHORT_CACHE = 'public, max-age=300, stale-while-revalidate=86400';
const LONG_CACHE = 'public, max-age=31536000, immutable';

/** `GET /embed.js` and what it loads, for any site, and the frame in which the admin app shows the form. */
export function embedPages(): Router {
  const router = express.Router();
  const readScript = createEmbedScripts();
  for (const name of EMBED_SCRIPTS) {
    router.get(`/${name}`, async (req, res) => sendScript(req, res, await readScript(name)));
  }
  router.get('/embed-preview', (req, res) => sendPreview(req, res));
  return router;
}

function sendScript(req: Request, res: Response, script: EmbedScript): void {
  const isGzipped = req.acceptsEncodings('gzip') === 'gzip';
  res
    .set({
      'Cache-Control': req.query['v'] === script.version ? LONG_CACHE : SHORT_CACHE,
      // A tag for each encoding: they are different bytes (RFC 9110, 8.8.3.3).
      ETag: `"${script.version}${isGzipped ? '-gzip' : ''}"`,
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ...(isGzipped ? { 'Content-Encoding': 'gzip' } : {}),
    })
    .vary('Accept-Encoding')
    .type('text/javascript')
    .send(isGzipped ? script.gzipped : script.body);
}

/** Shows the element as a site would hold it; `preview` keeps it from signing anybody up. Only our own pages may frame it (A5). */
async function sendPreview(req: Request, res: Response): Promise<void> {
  const policy = String(res.getHeader('Content-Security-Policy'));
  res.set({
    'Content-Security-Policy': policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    'X-Frame-Options': 'SAMEORIGIN',
    'X-Robots-Tag': 'noindex',
    'Cache-Control': 'no-store',
  });
  const { newsletters, theme } = req.query;
  await sendPage(res, 'embed/views/embed-preview', {
    newsletters: typeof newsletters === 'string' ? newsletters : '',
    theme: typeof theme === 'string' && ['light', 'dark'].includes(theme) ? theme : 'light',
  });
}
