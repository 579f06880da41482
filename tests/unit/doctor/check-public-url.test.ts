import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkPublicUrl } from '../../../src/doctor/check-public-url.ts';
import { makeCertificate } from '../../support/certificate.ts';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

async function serve(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function look(answer: RequestListener, publicUrlIsLoopback = false) {
  const port = await serve(createServer({ keepAlive: false }, answer));
  return checkPublicUrl({ publicUrl: `http://127.0.0.1:${port}`, publicUrlIsLoopback });
}

describe('the public address', () => {
  it('is fine when it answers, and not needed while it is on this machine', async () => {
    expect(await look((_, res) => void res.end('{}'))).toMatchObject({ state: 'ok' });
    expect(await look((_, res) => void res.end('{}'), true)).toMatchObject({
      state: 'ok',
      message: expect.stringContaining('not needed yet'),
    });
  });

  it('fails when it redirects, which one-click does not follow (R2)', async () => {
    const check = await look(
      (_, res) => void res.writeHead(301, { location: 'https://www.news.example/healthz' }).end(),
    );
    expect(check).toMatchObject({ state: 'failed', message: expect.stringContaining('https://www.news.example') });
  });

  it('fails when it answers with an error', async () => {
    expect(await look((_, res) => void res.writeHead(502).end())).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('502'),
    });
  });

  it('fails when nothing answers, and only warns about that on this machine', async () => {
    const port = await serve(createServer());
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const publicUrl = `http://127.0.0.1:${port}`;
    expect(await checkPublicUrl({ publicUrl, publicUrlIsLoopback: false })).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await checkPublicUrl({ publicUrl, publicUrlIsLoopback: true })).toMatchObject({ state: 'warning' });
  });

  it('fails when nobody vouches for its certificate', async () => {
    const port = await serve(createTlsServer(await makeCertificate('127.0.0.1'), (_, res) => void res.end()));
    const check = await checkPublicUrl({ publicUrl: `https://127.0.0.1:${port}`, publicUrlIsLoopback: false });
    expect(check).toMatchObject({ state: 'failed', message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') });
  });
});
