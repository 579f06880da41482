import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ForeignSite {
  /** `http://127.0.0.1:PORT`, another origin than Courant's. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Far enough down that the element is not yet about to be seen. */
const LONG_READ = '<p>A long article.</p><br>'.repeat(200);

/**
 * A publisher's site with a policy as strict as it can be while the form works: nothing but our script and our address, no inline style,
 * no markup from scripts. `/long` has an article above the form, `/bare` nothing inside the element.
 */
export async function startForeignSite(parts: {
  readonly courantUrl: string;
  readonly element: string;
  readonly snippet?: string;
}): Promise<ForeignSite> {
  const script = `<script async src="${parts.courantUrl}/embed.js"></script>`;
  const pages: Readonly<Record<string, string>> = {
    '/article': script + parts.element,
    '/long': LONG_READ + script + parts.element,
    '/bare': script + parts.element.replace(/>[^]*<\//, '></'),
    '/plain': parts.snippet ?? '',
  };
  const server = createServer((req, res) => {
    const path = new URL(req.url ?? '/', 'http://site').pathname;
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.setHeader(
      'content-security-policy',
      [
        "default-src 'none'",
        `script-src ${parts.courantUrl}/embed.js ${parts.courantUrl}/embed-challenge.js`,
        `connect-src ${parts.courantUrl}`,
        `form-action ${parts.courantUrl}`,
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ].join('; '),
    );
    res.end(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width, initial-scale=1">` +
        `<title>An article</title></head><body><main><h1>An article</h1>${pages[path] ?? ''}</main></body></html>`,
    );
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
