import { readFeed } from '../../../src/content/index.ts';
import type { FeedReading, NotAFeed } from '../../../src/content/index.ts';

export const NOW = new Date('2026-11-23T08:00:00Z');

export function read(text: string | Buffer, contentType?: string): FeedReading | NotAFeed {
  return readFeed({
    bytes: Buffer.from(text),
    contentType,
    url: 'https://paper.example/feed.xml',
    now: NOW,
    isFull: true,
  });
}

/** @throws Error when it is not a feed: the test is about what is in it. */
export function readGood(text: string | Buffer, contentType?: string): FeedReading {
  const reading = read(text, contentType);
  if (reading.kind !== 'feed') {
    throw new Error(`${reading.reason}: ${reading.message}`);
  }
  return reading;
}

export function rss(items: string, head = '<title>Paper</title><link>https://paper.example/</link>'): string {
  return `<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>${head}${items}</channel></rss>`;
}
