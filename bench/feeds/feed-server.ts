/**
 * A process of its own that plays the publishers: every feed has an address, an ETag and one of the files. Each host is
 * an address of the loopback network, since a worker asks one host only a few things at once.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadFeedFiles } from './feed-files.ts';
import type { FeedServerOrder, FeedServerReady } from './start-feed-server.ts';

async function serve({ hosts }: FeedServerOrder): Promise<FeedServerReady> {
  const { files } = await loadFeedFiles();
  const answers = files.map(({ bytes }) => ({
    bytes,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 16)}"`,
  }));
  const openServer = async (address: string): Promise<string> => {
    const server: Server = createServer((req, res) => {
      const answer = answers[Number.parseInt((req.url ?? '').slice(1), 10) % answers.length];
      if (answer === undefined) {
        res.writeHead(404).end();
        return;
      }
      const headers = { etag: answer.etag, 'content-type': 'application/xml' };
      if (req.headers['if-none-match'] === answer.etag) {
        res.writeHead(304, headers).end();
      } else {
        res.writeHead(200, headers).end(answer.bytes);
      }
    });
    server.listen(0, address);
    await once(server, 'listening');
    return `http://${address}:${(server.address() as AddressInfo).port}`;
  };
  const origins = await Promise.all(Array.from({ length: hosts }, (_, host) => openServer(`127.0.1.${host + 1}`)));
  return { origins, files: files.length };
}

process.once('disconnect', () => process.exit(0));
process.once('message', (order) => {
  serve(order as FeedServerOrder).then(
    (ready) => process.send?.(ready),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
