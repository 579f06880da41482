import { describe, expect, it } from 'vitest';
import { readFeed } from '../../../src/content/index.ts';
import type { FeedReading } from '../../../src/content/index.ts';
import { NOW, read } from './fixtures.ts';

type Item = FeedReading['items'][number];

function firstOf(reading: ReturnType<typeof readFeed>): Item | undefined {
  return reading.kind === 'feed' ? reading.items[0] : undefined;
}

function readBytes(...parts: readonly (string | readonly number[])[]) {
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
  return readFeed({ bytes, contentType: undefined, url: 'https://paper.example/feed.xml', now: NOW });
}

function rss(items: string, namespaces = ''): string {
  return `<rss version="2.0" ${namespaces}><channel><title>Paper</title><link>https://paper.example/</link>${items}</channel></rss>`;
}

const END = '</title><link>https://paper.example/1</link></item></channel></rss>';
const start = (encoding: string) =>
  `<?xml version="1.0" encoding="${encoding}"?><rss version="2.0"><channel><title>P</title><item><title>`;

describe('documents that are not quite what they should be', () => {
  it('reads Atom whose every element has a prefix', () => {
    const reading = read(
      `<?xml version="1.0"?><!-- by hand --><atom:feed xmlns:atom="http://www.w3.org/2005/Atom"><atom:title>P</atom:title>
      <atom:entry><atom:title>Bridge</atom:title><atom:link href="https://paper.example/1"/>
      <atom:updated>2026-11-20T10:00:00Z</atom:updated><atom:content type="html">&lt;p&gt;Hi&lt;/p&gt;</atom:content></atom:entry></atom:feed>`,
    );

    expect(firstOf(reading)).toMatchObject({
      title: 'Bridge',
      url: 'https://paper.example/1',
      publishedAt: new Date('2026-11-20T10:00:00Z'),
      full: { contentHtml: '<p>Hi</p>' },
    });
  });

  it('reads RSS 1.0 that gave RDF another prefix', () => {
    const reading = read(
      `<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
      <channel r:about="https://paper.example/"><title>P</title></channel><item r:about="https://paper.example/1">
      <title>Bridge</title><link>https://paper.example/1</link><dc:creator>Ann</dc:creator></item></r:RDF>`,
    );

    expect(firstOf(reading)).toMatchObject({ title: 'Bridge', author: 'Ann', url: 'https://paper.example/1' });
  });

  it('reads a feed behind the warnings of the software that makes it, and says so', () => {
    const reading = read(
      `<br />\n<b>Warning</b>: foo in bar.php on line 3<br />\n${rss('<item><title>Bridge</title></item>')}`,
    );

    expect(reading).toMatchObject({ kind: 'feed', warnings: [{ code: 'found_inside_another_document' }, {}] });
    expect(firstOf(reading)?.title).toBe('Bridge');
  });

  it('takes a page that quotes a feed for a page', () => {
    const page = `<html><body><pre>${rss('<item><title>Quoted</title></item>')}</pre></body></html>`;

    expect(read(page)).toMatchObject({ kind: 'not-a-feed', reason: 'feed_is_html' });
  });

  it.each([
    ['windows-1251', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2], 'Привет'],
    ['Shift_JIS', [0x93, 0xfa, 0x96, 0x7b], '日本'],
    ['gb2312', [0xd6, 0xd0, 0xce, 0xc4], '中文'],
  ])('reads %s', (encoding, bytes, title) => {
    expect(firstOf(readBytes(start(encoding), bytes, END))?.title).toBe(title);
  });

  it('loses one letter, not all of them, to one broken byte', () => {
    expect(firstOf(readBytes(start('UTF-8'), '日本語 ', [0xff], ' 東京', END))?.title).toBe('日本語 \uFFFD 東京');
  });

  it('still reads Latin letters under a UTF-8 label as what they are', () => {
    expect(firstOf(readBytes(start('UTF-8'), 'caf', [0xe9], ' cr', [0xe8], 'me', END))?.title).toBe('café crème');
  });
});

describe('links and images', () => {
  it('gives the address of the article, not the one that counts clicks', () => {
    const original = '<feedburner:origLink>https://paper.example/bridge?a=1&amp;b=2</feedburner:origLink>';
    const feedburner = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"';
    const redirecting = '<title>x</title><link>http://feedproxy.google.com/~r/p/~3/x/</link>';
    const reading = read(rss(`<item>${redirecting}</item><item>${redirecting}${original}</item>`, feedburner));

    expect(reading.kind === 'feed' && reading.items.map(({ url }) => url)).toEqual([
      'http://feedproxy.google.com/~r/p/~3/x/',
      'https://paper.example/bridge?a=1&b=2',
    ]);
  });

  it('never takes an original address that is no web address', () => {
    const item = `<item><title>x</title><link>https://paper.example/1</link><feedburner:origLink>javascript:alert(1)</feedburner:origLink></item>`;

    expect(firstOf(read(rss(item, 'xmlns:feedburner="urn:f"')))?.url).toBe('https://paper.example/1');
  });

  it('keeps the size of a picture where the feed gives it whole', () => {
    const media = 'xmlns:media="http://search.yahoo.com/mrss/"';
    const picture = (attributes: string) =>
      firstOf(
        read(
          rss(
            `<item><title>x</title><media:content medium="image" url="https://p.example/a.jpg" ${attributes}/></item>`,
            media,
          ),
        ),
      );

    expect(picture('width="640" height="480"')).toMatchObject({ imageWidth: 640, imageHeight: 480 });
    expect(picture('width="640"')).toMatchObject({ imageWidth: null, imageHeight: null });
    expect(picture('width="640" height="99999999"')).toMatchObject({ imageWidth: null, imageHeight: null });
  });

  it('keeps the size that the content gives its first picture', () => {
    const content = '&lt;img src="https://p.example/a.jpg" width="800" height="600" alt="Bridge"&gt;';

    expect(firstOf(read(rss(`<item><title>x</title><description>${content}</description></item>`)))).toMatchObject({
      imageWidth: 800,
      imageHeight: 600,
      imageAlt: 'Bridge',
    });
  });
});

describe('dates', () => {
  it.each([
    ['20.11.2026 10:30', '2026-11-20T10:30:00Z'],
    ['2026/11/20 10:30:00', '2026-11-20T10:30:00Z'],
    ['Nov 20, 2026 10:30 AM', '2026-11-20T10:30:00Z'],
    ['Fri Nov 20 10:30:00 UTC 2026', '2026-11-20T10:30:00Z'],
    ['November 20, 2026 10:30 PST', '2026-11-20T18:30:00Z'],
  ])('reads %s', (text, expected) => {
    expect(firstOf(read(rss(`<item><title>x</title><pubDate>${text}</pubDate></item>`)))?.publishedAt).toEqual(
      new Date(expected),
    );
  });
});
