import { createHash } from 'node:crypto';
import type { Response } from 'express';

/**
 * Sends what anybody may keep, or 304 to who has exactly this: the tag is made of the bytes, so that a changed name, look or
 * neighbour counts as well. How long it is kept is the caller's `Cache-Control`, and `Last-Modified` if it knows one.
 */
export function sendCached(res: Response, type: string, body: string): void {
  const tag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  res.set('ETag', tag);
  if (hasKept(res, tag)) {
    res.status(304).end();
    return;
  }
  res.type(type).send(body);
}

/**
 * By RFC 9110, 13.1. Not Express's `req.fresh`, which sends everything to whoever says `no-cache` as well: fetch() does so
 * with every condition, and with it many readers of feeds.
 */
function hasKept(res: Response, tag: string): boolean {
  const tags = res.req.get('If-None-Match');
  if (tags !== undefined) {
    return tags.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
  }
  const keptSince = Date.parse(res.req.get('If-Modified-Since') ?? '');
  return Date.parse(String(res.get('Last-Modified'))) <= keptSince;
}
