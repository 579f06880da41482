import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { setUpFirstAdmin } from '../accounts/admin-client.ts';

let system: TestSystem;
let cookie: string;
beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const { cookies } = await setUpFirstAdmin(system);
  cookie = `session=${cookies.get('session') ?? ''}`;
});
afterAll(() => system.stop());

function postFrame(html: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${system.url}/admin/frame`, { method: 'POST', body: new URLSearchParams({ html }), headers });
}

it('gives every room the same page with a fresh nonce, and lets no inline script or style attribute through', async () => {
  const pages = await Promise.all(
    ['/admin', '/admin/campaigns/7', '/admin/setup'].map((path) => fetch(`${system.url}${path}`)),
  );
  const nonces = await Promise.all(
    pages.map(async (page) => {
      expect(page.status).toBe(200);
      expect(page.headers.get('cache-control')).toBe('no-store');
      const policy = page.headers.get('content-security-policy') ?? '';
      const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      const html = await page.text();
      expect(html).toContain(`nonce="${nonce}"`);
      expect(html).not.toMatch(/<script(?![^>]* src=)/);
      expect(policy).not.toContain('unsafe');
      return nonce;
    }),
  );
  expect(new Set(nonces).size).toBe(3);
});

it('serves its files as immutable and says 404 for one that is gone', async () => {
  const html = await (await fetch(`${system.url}/admin`)).text();
  const script = /src="(\/admin\/assets\/[^"]+\.js)"/.exec(html)?.[1];
  const file = await fetch(`${system.url}${script ?? ''}`);
  expect(file.status).toBe(200);
  expect(file.headers.get('cache-control')).toContain('immutable');
  await file.body?.cancel();
  expect((await fetch(`${system.url}/admin/assets/index-gone.js`)).status).toBe(404);
});

it('shows a mail without scripts, forms or an origin, to an admin from our own page only (S2)', async () => {
  const html = '<style>p{color:red}</style><p>Mail</p><script>alert(1)</script>';

  const frame = await postFrame(html, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' });

  expect(frame.status).toBe(200);
  expect(await frame.text()).toBe(html);
  const policy = frame.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^sandbox; default-src 'none'; style-src 'unsafe-inline'/);
  expect(policy).not.toMatch(/script-src|allow-/);
  expect(frame.headers.get('x-frame-options')).toBe('SAMEORIGIN');
  expect((await postFrame(html, { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await postFrame(html, { 'Sec-Fetch-Site': 'same-origin' })).status).toBe(401);
});
