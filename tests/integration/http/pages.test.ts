import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, get, lastRequestOf, post, subscriptionOf, tokenPath } from '../subscriptions/reader.ts';

let system: TestSystem;
const paths: Record<string, string> = {
  signup: '/',
  terms: '/terms',
  privacy: '/privacy',
  archive: '/archive',
  missing: '/no-such-page',
};
const TOKEN_PAGES = [
  'checkYourMail',
  'confirm',
  'brokenConfirm',
  'notMe',
  'unsubscribe',
  'brokenUnsubscribe',
  'preferences',
];

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const address = 'reader@example.org';
  await becomeReader(system, address);
  const { deps } = system;
  const { id: requestId, subscriberId } = await lastRequestOf(deps, address);
  Object.assign(paths, {
    checkYourMail: tokenPath(deps, 'check-your-mail', 'signup-status', requestId),
    confirm: tokenPath(deps, 'confirm', 'confirm', requestId),
    brokenConfirm: '/confirm/nonsense',
    notMe: tokenPath(deps, 'not-me', 'not-me', requestId),
    unsubscribe: tokenPath(deps, 'unsubscribe', 'unsubscribe', (await subscriptionOf(deps, address)).id),
    brokenUnsubscribe: '/unsubscribe/nonsense',
    preferences: tokenPath(deps, 'preferences', 'preferences', subscriberId),
  });
});
afterAll(() => system.stop());

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
];

describe('an address that no text may hold', () => {
  it('is refused, and not an error of ours', async () => {
    expect((await get(system, '/archive/%00/1')).status).toBe(400);
  });
});

describe('every public page', () => {
  it.each(['signup', 'terms', 'privacy', 'archive', 'missing', ...TOKEN_PAGES])(
    'is strict about what a browser may do with it: %s',
    async (page) => {
      const response = await get(system, paths[page] ?? '');

      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-security-policy': POLICY.join(';'),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': TOKEN_PAGES.includes(page) ? 'no-referrer' : 'strict-origin-when-cross-origin',
      });
      expect(response.headers.has('x-powered-by')).toBe(false);
      expect(response.headers.has('set-cookie')).toBe(false);
    },
  );

  it.each(['signup', 'terms', 'privacy', 'archive', 'missing', ...TOKEN_PAGES])(
    'keeps to that policy itself: no inline script or style, nothing from elsewhere: %s',
    async (page) => {
      const html = await (await get(system, paths[page] ?? '')).text();

      expect(html).toMatch(/^<!doctype html>\s*<html lang="en" dir="ltr">/);
      expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc="\/)|<i?frame/i);
      expect(html).not.toMatch(/(?:src|href|action)="(?:https?:)?\/\/(?!127\.0\.0\.1)/i);
    },
  );

  it.each(TOKEN_PAGES)('with a token in its address is kept and shown by nobody: %s', async (page) => {
    const response = await get(system, paths[page] ?? '');

    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-robots-tag')).toBe('noindex, nofollow');
  });

  it.each(['confirm', 'notMe', 'unsubscribe', 'preferences'])('does so after its button too: %s', async (page) => {
    const response = await post(system, paths[page] ?? '');

    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': POLICY.join(';'),
    });
  });
});

describe('an address where there is nothing', () => {
  it('is told to a browser as a page', async () => {
    const response = await get(system, '/no-such-page');

    expect(response.status).toBe(404);
    expect(await response.text()).toContain('There is nothing at this address.');
  });

  it.each([
    ['/no-such-page', 'not_found'],
    ['/api/v1/no-such-operation', 'not_found'],
    ['/api/v2/subscribers', 'not_found'],
  ])('is told to a program as a problem document: %s', async (path, code) => {
    const response = await fetch(system.url + path, { headers: { accept: 'application/json' } });

    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({ type: 'about:blank', status: 404, code });
  });

  it.each(['/confirm/%E0%A4%A', '/archive/%ZZ/1'])('is a mistake of the caller: %s', async (path) => {
    expect((await get(system, path)).status).toBe(400);
  });
});
