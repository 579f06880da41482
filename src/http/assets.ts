import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { Router } from 'express';

const ASSETS = new URL('assets/', import.meta.url);
/** ALTCHA's own solver for one thread of a browser: from our origin, as the Content-Security-Policy wants it. */
const ALTCHA_WORKER = new URL(import.meta.resolve('altcha/workers/pbkdf2'));

/** Changes whenever any asset does, so that pages can name them as immutable. */
export function readAssetVersion(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(ASSETS).sort()) {
    hash.update(name).update(readFileSync(new URL(name, ASSETS)));
  }
  return hash.update(readFileSync(ALTCHA_WORKER)).digest('hex').slice(0, 12);
}

/** The style sheet of our pages. */
export function readStyles(): string {
  return readFileSync(new URL('site.css', ASSETS), 'utf8');
}

export function assetRoutes(): Router {
  const router = express.Router();
  const caching = { maxAge: '1y', immutable: true } as const;
  router.get('/assets/altcha-worker.js', (_req, res) => res.sendFile(fileURLToPath(ALTCHA_WORKER), caching));
  router.use('/assets', express.static(fileURLToPath(ASSETS), { ...caching, index: false, redirect: false }));
  return router;
}
