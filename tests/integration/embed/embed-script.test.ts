import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get } from '../subscriptions/reader.ts';

const LIMIT_BYTES = 10_000;
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

/** Without a client that unpacks, or asks for no cache, behind one's back. */
async function fetchRaw(path: string, headers: Record<string, string>): Promise<Response> {
  const [answer] = (await once(request(system.url + path, { headers }).end(), 'response')) as [IncomingMessage];
  const body = await buffer(answer);
  const { statusCode = 0 } = answer;
  return new Response(statusCode === 304 ? null : body, {
    status: statusCode,
    headers: Object.entries(answer.headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, one])),
  });
}

describe.each(['embed.js', 'embed-challenge.js'])('/%s', (name) => {
  it('is what was built, for any site, packed and plain', async () => {
    const built = readFileSync(`embed/dist/${name}`, 'utf8');
    const plain = await fetchRaw(`/${name}`, {});
    const packed = await fetch(`${system.url}/${name}`, { headers: { 'accept-encoding': 'gzip' } });

    expect(plain.status).toBe(200);
    expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(plain.headers.get('access-control-allow-origin')).toBe('*');
    expect(plain.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(plain.headers.getSetCookie()).toEqual([]);
    expect(await plain.text()).toBe(built);
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toMatch(/Accept-Encoding/);
    expect(await packed.text()).toBe(built);
    expect(packed.headers.get('etag')).not.toBe(plain.headers.get('etag'));
  });

  it('is asked for again after minutes and answered without a body, or kept for ever under its version', async () => {
    const first = await fetchRaw(`/${name}`, {});
    const etag = first.headers.get('etag') ?? '';
    const again = await fetchRaw(`/${name}`, { 'if-none-match': etag });
    const version = /\w{12}/.exec(etag)?.[0] ?? '';
    const pinned = await fetchRaw(`/${name}?v=${version}`, {});
    const outdated = await fetchRaw(`/${name}?v=0123456789ab`, {});

    expect(first.headers.get('cache-control')).toBe('public, max-age=300, stale-while-revalidate=86400');
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(pinned.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(outdated.headers.get('cache-control')).toBe(first.headers.get('cache-control'));
    expect(await outdated.text()).toBe(await first.text());
  });

  it(`is under ${LIMIT_BYTES} bytes, packed`, () => {
    const packed = gzipSync(readFileSync(`embed/dist/${name}`));

    expect(gunzipSync(packed).length).toBeGreaterThan(1000);
    expect(packed.length).toBeLessThan(LIMIT_BYTES);
  });
});

describe('/embed-preview', () => {
  it('may be framed by our own pages only, runs our own scripts only, and escapes what its address says', async () => {
    const response = await get(system, '/embed-preview?newsletters=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&lang=de');

    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).toContain("script-src 'self'");
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(response.headers.get('x-robots-tag')).toBe('noindex');
    const html = await response.text();
    expect(html).not.toContain('<script>alert');
    expect(html).toMatch(/<courant-signup [^>]*lang="de"[^>]* preview>/);
  });
});
