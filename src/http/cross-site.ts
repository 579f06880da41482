import type { Request } from 'express';
import { AppError } from '../shared/app-error.ts';
import { isOwnOrigin } from './cross-origin.ts';

const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Cross-site request forgery (S3): a browser names the site it comes from, so an unsafe request that carries a cookie must come
 * from our own pages. Bearer tokens are not sent by browsers on their own and are exempt.
 */
export function refuseCrossSite(req: Request, publicUrl: string): void {
  if (!UNSAFE.has(req.method) || req.get('authorization') !== undefined) {
    return;
  }
  const site = req.get('sec-fetch-site');
  const origin = req.get('origin');
  const isOwn =
    site === undefined
      ? origin === undefined || isOwnOrigin(origin, req, publicUrl)
      : site === 'same-origin' || site === 'none';
  if (!isOwn) {
    throw new AppError('forbidden', 'cross_site_request', 'This request came from another site and was refused.');
  }
}
