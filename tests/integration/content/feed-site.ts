import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FeedSite {
  readonly url: string;
  /** What the site answers from now on; the paths are counted in `requests`. */
  answer: (req: IncomingMessage, res: ServerResponse) => void;
  readonly requests: string[];
  close(): Promise<void>;
}

/** A publisher's site on loopback. */
export async function openFeedSite(): Promise<FeedSite> {
  const requests: string[] = [];
  const server: Server = createServer((req, res) => {
    requests.push(req.url ?? '');
    site.answer(req, res);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const site: FeedSite = {
    url: `http://127.0.0.1:${port}`,
    answer: (_req, res) => res.end(),
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return site;
}

export interface TestItem {
  readonly id: string;
  readonly title?: string;
  readonly link?: string;
  readonly minutesAgo?: number;
}

/** RSS with one item each; `now` is what their dates count from. */
export function rssOf(items: readonly TestItem[], now: Date): string {
  const elements = items.map(({ id, title, link, minutesAgo }) => {
    const date = new Date(now.getTime() - (minutesAgo ?? 0) * 60_000).toUTCString();
    const text = `This is what article ${id} says, at enough length to be told from all the other articles of the day.`;
    return `<item><title>${title ?? `Article ${id}`}</title><link>${link ?? `https://paper.example/${id}`}</link><guid isPermaLink="false">${id}</guid><description>${text}</description><pubDate>${date}</pubDate></item>`;
  });
  return `<rss version="2.0"><channel><title>The Paper</title><link>https://paper.example/</link>${elements.join('')}</channel></rss>`;
}
