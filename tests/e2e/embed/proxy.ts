import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ForeignSite } from './foreign-site.ts';

/** A proxy on this machine, as TRUST_PROXY names one: every reader comes from this one address of the internet. */
export async function startProxy(targetUrl: string, clientIp: string): Promise<ForeignSite> {
  const server = createServer((req, res) => {
    const forwarded = request(targetUrl + (req.url ?? '/'), {
      method: req.method,
      headers: { ...req.headers, 'x-forwarded-for': clientIp },
    });
    forwarded.on('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    req.pipe(forwarded);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
