import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import express from 'express';
import type { Router } from 'express';

const ASSETS = new URL('assets/', import.meta.url);

/** Changes whenever any asset does, so that pages can name them as immutable. */
export function readAssetVersion(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(ASSETS).sort()) {
    hash.update(name).update(readFileSync(new URL(name, ASSETS)));
  }
  return hash.digest('hex').slice(0, 12);
}

export function assetRoutes(): Router {
  const router = express.Router();
  router.use(
    '/assets',
    express.static(ASSETS.pathname, { index: false, maxAge: '1y', immutable: true, redirect: false }),
  );
  return router;
}
