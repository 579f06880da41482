import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { Request, RequestHandler, Response, Router } from 'express';
import type { Actor } from '../shared/actor.ts';
import { AppError, unavailable } from '../shared/app-error.ts';

const DIST = fileURLToPath(new URL('../../admin/dist/', import.meta.url));
/** Stands in the built index.html (admin/vite.config.ts); replaced at each request. */
const NONCE_MARK = '__CSP_NONCE__';

interface AdminAppDeps {
  readonly authenticate: (req: Request) => Promise<Actor | undefined>;
}

/**
 * The admin app's files: `/admin` and whatever its router makes of the rest. Mount it after `/admin/verify/:token`. It
 * holds no data; everything it shows comes through /api/v1.
 */
export function adminApp(deps: AdminAppDeps): Router {
  const router = express.Router();
  router.use(
    '/admin/assets',
    express.static(`${DIST}assets`, { index: false, maxAge: '1y', immutable: true, redirect: false }),
  );
  router.post('/admin/frame', express.urlencoded({ extended: false, limit: '2mb' }), showFrame(deps));
  router.get(['/admin', '/admin/{*room}'], showAdmin);
  return router;
}

/**
 * The component library puts style sheets into the page, each with this page's nonce; inline scripts and style attributes
 * stay refused (A5). `no-store`: a page kept by a cache would carry an old nonce.
 */
const showAdmin: RequestHandler = async (req, res) => {
  if (/\.\w{1,5}$/.test(req.path)) {
    throw new AppError('not_found', 'not_found', 'There is nothing at this address.');
  }
  const page = await readIndex();
  const nonce = randomBytes(16).toString('base64');
  res
    .set('Cache-Control', 'no-store')
    .set(
      'Content-Security-Policy',
      [
        "default-src 'none'",
        "script-src 'self'",
        `style-src 'self' 'nonce-${nonce}'`,
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ].join('; '),
    );
  res.type('html').send(page.replaceAll(NONCE_MARK, nonce));
};

async function readIndex(): Promise<string> {
  try {
    return await readFile(`${DIST}index.html`, 'utf8');
  } catch (error) {
    throw unavailable('admin_not_built', 'The admin app is not built. Run: npm run prepare', error);
  }
}

/**
 * Shows a mail inside the admin app (S2). Mails bring style sheets and remote images, which the app's own policy refuses
 * and which `srcdoc` and `blob:` frames would inherit; so the app posts the HTML here and gets it back as a document of
 * its own, without scripts, forms, popups or an origin. Stores nothing. Only our own pages may post, and only for an admin:
 * nobody else gets to show words under our address.
 */
function showFrame(deps: AdminAppDeps): RequestHandler {
  return async (req, res) => {
    const site = req.get('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin') {
      throw new AppError('forbidden', 'cross_site_request', 'This request came from another site and was refused.');
    }
    const actor = await deps.authenticate(req);
    if (actor?.kind !== 'admin') {
      throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
    }
    const { html } = (req.body ?? {}) as { html?: unknown };
    sendFrame(res, typeof html === 'string' ? html : '');
  };
}

function sendFrame(res: Response, html: string): void {
  // Browsers complain when a document without an origin asks for its own process.
  res.removeHeader('Origin-Agent-Cluster');
  res
    .set({
      'Content-Security-Policy': [
        'sandbox',
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        'img-src https: http: data:',
        'font-src https: data:',
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
      ].join('; '),
      'X-Frame-Options': 'SAMEORIGIN',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    })
    .type('html')
    .send(html);
}
