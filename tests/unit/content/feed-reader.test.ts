import { afterAll, describe, expect, it } from 'vitest';
import { createFeedReader, readFeed } from '../../../src/content/index.ts';
import { NOW } from './fixtures.ts';

const reader = createFeedReader();
afterAll(() => reader.close());

function inputOf(text: string) {
  return { bytes: Buffer.from(text), contentType: undefined, url: 'https://paper.example/feed.xml', now: NOW };
}

const SOUND = inputOf(`<rss version="2.0"><channel><title>Paper</title><item><title>Bridge</title>
  <link>https://paper.example/bridge</link><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>`);
/** Many items, each with much to clean. */
const HEAVY = inputOf(
  `<rss version="2.0"><channel><title>Heavy</title>${'<item><title>x</title><description>'.concat('&lt;p&gt;word '.repeat(1500), '</description></item>').repeat(150)}</channel></rss>`,
);

describe('the thread that reads feeds (S17)', () => {
  it('reads as this thread would, dates included', async () => {
    expect(await reader.read(SOUND)).toEqual(readFeed(SOUND));
  });

  it('gives the reason when a document is no feed', async () => {
    expect(await reader.read(inputOf('<html><body>Hello</body></html>'))).toMatchObject({ reason: 'feed_is_html' });
  });

  it('refuses what takes longer than its budget, and reads the next feed', { timeout: 60_000 }, async () => {
    const hasty = createFeedReader({ deadlineMs: 60 });

    expect(await hasty.read(HEAVY)).toMatchObject({ kind: 'not-a-feed', reason: 'feed_too_costly' });
    await hasty.close();
    expect(await reader.read(SOUND)).toMatchObject({ kind: 'feed' });
  });

  it('refuses what takes too much memory without harm to the process', { timeout: 60_000 }, async () => {
    const small = createFeedReader({ deadlineMs: 50_000, maxHeapMb: 16 });
    const flood = `<item><title>x</title>${'<category>c</category>'.repeat(220_000)}</item>`;

    const reading = await small.read(inputOf(`<rss version="2.0"><channel>${flood}</channel></rss>`));

    expect(reading).toMatchObject({ kind: 'not-a-feed', reason: 'feed_too_costly' });
    expect(await small.read(SOUND)).toMatchObject({ kind: 'feed' });
    await small.close();
  });

  it('answers feeds that come at once, each its own', async () => {
    const titles = Array.from({ length: 20 }, (_, index) => `Paper ${index}`);
    const readings = await Promise.all(
      titles.map((title) =>
        reader.read(inputOf(`<rss version="2.0"><channel><title>${title}</title></channel></rss>`)),
      ),
    );

    expect(readings.map((reading) => (reading.kind === 'feed' ? reading.title : reading.reason))).toEqual(titles);
  });

  it('ends its thread when nothing comes, and starts another when something does', async () => {
    const idle = createFeedReader({ idleMs: 1 });

    expect(await idle.read(SOUND)).toMatchObject({ kind: 'feed' });
    expect(await idle.read(SOUND)).toMatchObject({ kind: 'feed' });
    await idle.close();
  });
});
