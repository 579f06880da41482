import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { createFetcher } from '../../../src/platform/http-fetch/index.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

async function serve(handler: Handler, host = '127.0.0.1'): Promise<{ readonly url: string; readonly port: number }> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, port };
}

const loopback = createFetcher({ allow: ['127.0.0.1/32'], contactUrl: 'https://news.example' });

function redirectTo(location: string, status = 301): Handler {
  return (_req, res) => {
    res.writeHead(status, { location }).end();
  };
}

test('returns body, validators and type', async () => {
  const { url } = await serve((req, res) => {
    expect(req.headers['user-agent']).toContain('Courant');
    expect(req.headers.cookie).toBeUndefined();
    res.writeHead(200, { 'content-type': 'text/xml', etag: '"1"', 'last-modified': 'yesterday' }).end('hello');
  });
  const outcome = await loopback(`${url}/feed`);
  expect(outcome).toMatchObject({
    kind: 'ok',
    status: 200,
    contentType: 'text/xml',
    etag: '"1"',
    finalUrl: `${url}/feed`,
  });
  expect(outcome.kind === 'ok' && outcome.body.toString()).toBe('hello');
});

test('asks with the validators it is given and understands 304', async () => {
  const { url } = await serve((req, res) => {
    expect(req.headers).toMatchObject({ 'if-none-match': '"1"', 'if-modified-since': 'yesterday' });
    res.writeHead(304).end();
  });
  expect(await loopback(url, { etag: '"1"', lastModified: 'yesterday' })).toMatchObject({ kind: 'not-modified' });
});

test('refuses loopback unless FETCH_ALLOW opens it', async () => {
  const { url } = await serve((_req, res) => res.end('secret'));
  const strict = createFetcher({ allow: [], contactUrl: 'https://news.example' });
  expect(await strict(url)).toMatchObject({ kind: 'refused', reason: 'address_not_allowed' });
});

test.each([
  ['file:///etc/passwd', 'scheme_not_allowed'],
  ['ftp://example.com/', 'scheme_not_allowed'],
  ['nonsense', 'url_invalid'],
  ['http://user:secret@example.com/', 'credentials_in_url'],
  ['http://0x7f000001/', 'address_not_allowed'],
  ['http://2130706433/', 'address_not_allowed'],
  ['http://127.1/', 'address_not_allowed'],
  ['http://[::ffff:127.0.0.1]/', 'address_not_allowed'],
  ['http://localhost/', 'address_not_allowed'],
])('refuses %s as %s', async (url, reason) => {
  const strict = createFetcher({ allow: [], contactUrl: 'https://news.example' });
  expect(await strict(url)).toMatchObject({ kind: 'refused', reason });
});

test('connects to the address it vetted, although the name resolves to another one a moment later', async () => {
  const { port } = await serve((req, res) => res.end(req.headers.host));
  const answers = [['127.0.0.1'], ['10.0.0.1']];
  const fetcher = createFetcher({
    allow: ['127.0.0.1/32'],
    contactUrl: 'https://news.example',
    resolveHost: () => Promise.resolve(answers.shift() ?? []),
  });
  const outcome = await fetcher(`http://rebinding.example:${port}/`);
  expect(outcome.kind === 'ok' && outcome.body.toString()).toBe(`rebinding.example:${port}`);
  expect(answers).toHaveLength(1);
});

test('uses only the allowed ones of several addresses', async () => {
  const { port } = await serve((_req, res) => res.end('fine'));
  const fetcher = createFetcher({
    allow: ['127.0.0.1/32'],
    contactUrl: 'https://news.example',
    resolveHost: () => Promise.resolve(['10.0.0.1', '127.0.0.1', '::1']),
  });
  expect(await fetcher(`http://mixed.example:${port}/`)).toMatchObject({ kind: 'ok' });
});

test('vets the target of a redirect again', async () => {
  const { url } = await serve(redirectTo('http://169.254.169.254/latest/meta-data/', 302));
  expect(await loopback(url)).toMatchObject({ kind: 'refused', reason: 'address_not_allowed' });
});

test('follows relative redirects, and names the new address only for permanent ones', async () => {
  const { url } = await serve((req, res) => {
    const redirects = new Map([
      ['/old', redirectTo('/new', 301)],
      ['/new', redirectTo('/today', 302)],
      ['/temporary', redirectTo('/old', 307)],
    ]);
    const answer = redirects.get(req.url ?? '') ?? (() => res.end('feed'));
    answer(req, res);
  });
  expect(await loopback(`${url}/old`)).toMatchObject({ finalUrl: `${url}/today`, permanentUrl: `${url}/new` });
  expect(await loopback(`${url}/temporary`)).toMatchObject({ finalUrl: `${url}/today`, permanentUrl: undefined });
});

test('gives up a redirect loop', async () => {
  const { url } = await serve(redirectTo('/again', 302));
  expect(await loopback(url)).toMatchObject({ kind: 'refused', reason: 'too_many_redirects' });
});

test('calls a redirect without a target bad', async () => {
  const { url } = await serve((_req, res) => {
    res.writeHead(302).end();
  });
  expect(await loopback(url)).toMatchObject({ kind: 'failed', reason: 'bad_redirect', retryable: false });
});

const ENCODINGS = [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
] as const;

test.each(ENCODINGS)('decodes %s, which it announces', async (encoding, encode) => {
  const { url } = await serve((req, res) => {
    expect(req.headers['accept-encoding']?.split(', ')).toContain(encoding);
    res.writeHead(200, { 'content-encoding': encoding }).end(encode(Buffer.from('decoded')));
  });
  const outcome = await loopback(url);
  expect(outcome.kind === 'ok' && outcome.body.toString()).toBe('decoded');
});

test.each(ENCODINGS)('cuts a %s bomb at the cap (S18)', async (encoding, encode) => {
  const bomb = encode(Buffer.alloc(10 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(100_000);
  const { url } = await serve((_req, res) => {
    res.writeHead(200, { 'content-encoding': encoding }).end(bomb);
  });
  expect(await loopback(url, { maxBytes: 200_000 })).toMatchObject({ kind: 'refused', reason: 'too_large' });
});

test('cuts an endless body, also one of gzip members that hold nothing', async () => {
  const empty = gzipSync(Buffer.alloc(0));
  const { url } = await serve((req, res) => {
    const chunk =
      req.url === '/gzip' ? Buffer.concat(Array.from({ length: 500 }, () => empty)) : Buffer.alloc(10_000, 'x');
    res.writeHead(200, req.url === '/gzip' ? { 'content-encoding': 'gzip' } : {});
    const more = (): void => {
      if (!res.destroyed) {
        res.write(chunk, more);
      }
    };
    more();
  });
  expect(await loopback(url, { maxBytes: 100_000 })).toMatchObject({ kind: 'refused', reason: 'too_large' });
  expect(await loopback(`${url}/gzip`, { maxBytes: 100_000 })).toMatchObject({ kind: 'refused', reason: 'too_large' });
});

test('calls an answer broken that is not what its encoding says', async () => {
  const { url } = await serve((req, res) => {
    res.writeHead(200, { 'content-encoding': req.url === '/' ? 'gzip' : (req.url ?? '').slice(1) });
    res.end('this is not compressed at all, whatever the header says');
  });
  expect(await loopback(url)).toMatchObject({ kind: 'failed', reason: 'bad_response' });
  for (const encoding of ['br', 'zstd', 'deflate']) {
    expect(await loopback(`${url}/${encoding}`)).toMatchObject({ kind: 'failed', reason: 'bad_response' });
  }
  for (const encoding of ['compress', 'gzip,gzip']) {
    const message = `it is encoded as ${JSON.stringify(encoding)}`;
    expect(await loopback(`${url}/${encoding}`)).toMatchObject({ reason: 'encoding_unsupported', message });
  }
});

test('ends a server that never answers, one that drips, and one that stops in the middle', async () => {
  const { url } = await serve((req, res) => {
    if (req.url === '/silent') {
      return;
    }
    res.writeHead(200);
    res.write('x');
    if (req.url === '/drip') {
      const timer = setInterval(() => res.write('x'), 20);
      res.on('close', () => clearInterval(timer));
    }
  });
  const failure = { kind: 'failed', reason: 'timeout', retryable: true };
  expect(await loopback(`${url}/silent`, { idleTimeoutMs: 100 })).toMatchObject(failure);
  expect(await loopback(`${url}/stops`, { idleTimeoutMs: 100 })).toMatchObject(failure);
  expect(await loopback(`${url}/drip`, { idleTimeoutMs: 1000, totalTimeoutMs: 200 })).toMatchObject(failure);
});

test('ends a name lookup that hangs', async () => {
  const fetcher = createFetcher({
    allow: [],
    contactUrl: 'https://news.example',
    resolveHost: () => new Promise(() => undefined),
  });
  expect(await fetcher('http://slow.example/', { totalTimeoutMs: 50 })).toMatchObject({
    kind: 'failed',
    reason: 'timeout',
  });
});

test('tells failures that may pass from those that will not', async () => {
  const { url } = await serve((req, res) => {
    const status = Number(req.url?.slice(1));
    res.writeHead(status, status === 503 ? { 'retry-after': '120' } : {}).end('no');
  });
  expect(await loopback(`${url}/404`)).toMatchObject({
    kind: 'failed',
    reason: 'http_status',
    status: 404,
    retryable: false,
  });
  expect(await loopback(`${url}/429`)).toMatchObject({ status: 429, retryable: true });
  expect(await loopback(`${url}/503`)).toMatchObject({ status: 503, retryable: true, retryAfterSeconds: 120 });
});

test('describes an unknown host, a closed port, a cut connection and nonsense instead of HTTP', async () => {
  const fetcher = createFetcher({
    allow: ['127.0.0.1/32'],
    contactUrl: 'https://news.example',
    resolveHost: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
  });
  expect(await fetcher('http://unknown.example/')).toMatchObject({ kind: 'failed', reason: 'dns_failed' });
  const { url } = await serve((req, res) => {
    if (req.url === '/cut') {
      res.socket?.destroy();
    } else {
      res.socket?.end('this is not HTTP\r\n\r\n');
    }
  });
  expect(await loopback(`${url}/cut`)).toMatchObject({ kind: 'failed', reason: 'connection_failed' });
  expect(await loopback(`${url}/nonsense`)).toMatchObject({ kind: 'failed', reason: 'bad_response' });
  servers[0]?.close();
  servers[0]?.closeAllConnections();
  expect(await loopback(url)).toMatchObject({ kind: 'failed', reason: 'connection_failed' });
});

test('stops when its caller does', async () => {
  const { url } = await serve(() => undefined);
  const controller = new AbortController();
  const fetching = loopback(url, { signal: controller.signal });
  controller.abort();
  expect(await fetching).toMatchObject({ kind: 'failed', reason: 'cancelled' });
});
