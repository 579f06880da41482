import { describe, expect, it } from 'vitest';
import { read, readGood, rss } from './fixtures.ts';

const titlesOf = (text: string) => readGood(text).items.map(({ title }) => title);
const codesOf = (text: string) => readGood(text).warnings.map(({ code }) => code);
const item = (inner: string) => rss(`<item>${inner}</item>`);
const ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>';
const entry = (id: number, title = `Entry ${id}`) =>
  `<entry><id>${id}</id><title>${title}</title><link href="https://paper.example/${id}"/></entry>`;

describe('broken documents', () => {
  it('keeps the whole entries of an Atom feed that was cut off', () => {
    const cut = `${ATOM}${entry(1)}${entry(2)}<entry><id>3</id><title>Thr`;

    expect(titlesOf(cut)).toEqual(['Entry 1', 'Entry 2']);
    expect(codesOf(cut)).toEqual(['items_salvaged']);
  });

  it('keeps the whole items of an RSS 1.0 feed that was cut off', () => {
    const cut = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x">
      <title>R</title></channel><item rdf:about="https://paper.example/1"><title>One</title><link>https://paper.example/1</link></item><item><tit`;

    expect(readGood(cut)).toMatchObject({ title: 'R', items: [{ title: 'One', url: 'https://paper.example/1' }] });
  });

  it('loses one entry, not all, to a tag that is never closed', () => {
    expect(titlesOf(`${ATOM}${entry(1, '<b>One</title>')}${entry(2)}${entry(3)}</feed>`)).toContain('Entry 3');
  });

  it('reads signs that nobody escaped', () => {
    const [found] = readGood(item('<title>AT&T & Co < 5</title><link>https://paper.example/1?a=1&b=2</link>')).items;

    expect(found).toMatchObject({ title: 'AT&T & Co < 5', url: 'https://paper.example/1?a=1&b=2' });
  });

  it('does not take items that an article quotes for items', () => {
    const quoting = item(
      '<title>On RSS</title><link>/1</link><description><![CDATA[<pre>an <item> is</pre>]]></description>',
    );

    expect(titlesOf(quoting)).toEqual(['On RSS']);
    expect(codesOf(quoting)).toEqual([]);
  });

  it('refuses 100,000 levels at once, in every format (S18)', () => {
    const deep = '<a>'.repeat(100_000);
    const json = `{"version":"https://jsonfeed.org/version/1.1","items":${'['.repeat(100_000)}`;

    expect(read(rss(`<item>${deep}</item>`))).toMatchObject({
      reason: 'feed_too_deep',
      message: 'its elements are nested more than 200 deep',
    });
    expect(read(`${ATOM}<entry>${deep}${'</a>'.repeat(100_000)}</entry></feed>`)).toMatchObject({
      reason: 'feed_too_deep',
    });
    expect(read(json)).toMatchObject({ kind: 'not-a-feed' });
  });

  it.each(['1 ', 'a', '1-1-', '20 a', '9'])('is not held up by a date or a text of many %j', (part) => {
    const long = part.repeat(100_000);

    expect(titlesOf(item(`<title>x</title><pubDate>${long}</pubDate><description>${long}</description>`))).toEqual([
      'x',
    ]);
  });

  it('lets articles leave their paragraphs open', () => {
    const open = '<p>One<br>two<img src="https://paper.example/a.jpg">';
    const items = Array.from(
      { length: 100 },
      (_, n) => `<item><title>${n}</title><description>${open.repeat(5)}</description></item>`,
    );

    expect(readGood(rss(items.join(''))).items).toHaveLength(100);
  });
});

describe('what a label says and what the bytes are', () => {
  const text = rss('<item><title>Überfall – “so”</title></item>');

  it.each([
    ['a Latin label of the server', text, 'text/xml; charset=iso-8859-1'],
    ['an ASCII label of the server', text, 'text/xml; charset=us-ascii'],
    ['a Latin label of its own', text.replace('"1.0"', '"1.0" encoding="windows-1252"'), undefined],
    ['a UTF-16 label of its own', text.replace('"1.0"', '"1.0" encoding="utf-16"'), undefined],
  ])('reads UTF-8 under %s', (_name, given, contentType) => {
    expect(readGood(given, contentType).items[0]?.title).toBe('Überfall – “so”');
  });
});

describe('fields', () => {
  it.each([
    [
      'a title of iTunes alone',
      '<itunes:title xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">Ep 1</itunes:title>',
      'Ep 1',
    ],
    ['a title that was escaped twice', '<title><![CDATA[Tom &amp;amp; Jerry&amp;#8217;s]]></title>', 'Tom & Jerry’s'],
    ['a title about a tag', '<title>The &amp;lt;b&amp;gt; tag</title>', 'The <b> tag'],
  ])('reads %s', (_name, inner, title) => {
    expect(readGood(item(inner)).items[0]?.title).toBe(title);
  });

  it('names all authors', () => {
    const people = '<dc:creator>Ann</dc:creator><dc:creator>Bob</dc:creator><dc:creator>Ann</dc:creator>';
    const json = {
      version: 'https://jsonfeed.org/version/1.1',
      items: [{ id: '1', authors: [{ name: 'Ann' }, { name: 'Bob' }] }],
    };

    expect(readGood(item(people)).items[0]?.author).toBe('Ann, Bob');
    expect(readGood(JSON.stringify(json)).items[0]?.author).toBe('Ann, Bob');
  });

  it('shows the name of an author, not the address (RSS)', () => {
    expect(readGood(item('<author>ann@example.org (Ann Lee)</author>')).items[0]?.author).toBe('Ann Lee');
  });

  it('reads a text that was escaped twice, and leaves one about tags alone', () => {
    const textOf = (description: string) =>
      readGood(item(`<description><![CDATA[${description}]]></description>`)).items[0]?.summaryText;

    expect(textOf('&lt;p&gt;One &amp;amp; two&lt;/p&gt;')).toBe('One & two');
    expect(textOf('Write &lt;p&gt; before a paragraph')).toBe('Write <p> before a paragraph');
  });

  it.each([
    ['<guid>/posts/9</guid>', 'https://paper.example/posts/9'],
    ['<guid isPermaLink="false">/posts/9</guid>', null],
    ['<link>www.other.example/9</link>', 'https://www.other.example/9'],
    ['<link></link><guid isPermaLink="false">https://paper.example/9</guid>', 'https://paper.example/9'],
  ])('finds the address in %s', (inner, url) => {
    expect(readGood(item(inner)).items[0]?.url).toBe(url);
  });

  it('leaves out what Reddit and Discourse write under every text', () => {
    const summary = (text: string) =>
      readGood(item(`<title>T</title><description>${text}</description>`)).items[0]?.summaryText;

    expect(summary('Hello. submitted by /u/ann to r/news [link] [comments]')).toBe('Hello.');
    expect(summary('Hello. 3 posts - 2 participants Read full topic')).toBe('Hello.');
  });

  it('holds texts, and what was given, only when it is asked for them', () => {
    const [found] = readGood(
      item('<link>/1?utm_source=x</link><pubDate>20 Nov 2026</pubDate><description>x</description>'),
    ).items;

    expect(found?.full).toEqual({ contentHtml: 'x', givenUrl: '/1?utm_source=x', givenDates: ['20 Nov 2026'] });
  });
});

describe('what is no feed is named', () => {
  it.each([
    [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d]), 'this is an image, not a feed'],
    [Buffer.from('%PDF-1.7'), 'this is a PDF document, not a feed'],
    [Buffer.from([0x1f, 0x8b, 8, 0]), 'this is a compressed file, not a feed'],
    ['<?xml version="1.0"?><opml version="2.0"/>', 'this is a list of feeds (OPML); give the address of one of them'],
    ['<urlset/>', 'this is a sitemap, not a feed'],
    ['<p>An article</p>', 'this is a piece of a web page, not a feed'],
    ['<note/>', 'this is XML, but neither RSS nor Atom: its root is <note>'],
    ['Hello you', 'this is text, neither RSS, Atom nor JSON Feed; it begins with "Hello you"'],
    ['[1]', 'this is JSON, but not a JSON Feed: it has no items'],
    ['<!doctype html><html></html>', 'this is a web page, not a feed'],
    ['', 'the document is empty'],
  ])('%s', (document, message) => {
    expect(read(document)).toMatchObject({ kind: 'not-a-feed', message });
  });
});
