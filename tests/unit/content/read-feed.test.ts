import { expect, test } from 'vitest';
import { NOW, read, readGood, rss } from './fixtures.ts';

test('reads an RSS item with its text, date, author and picture', () => {
  const reading = readGood(
    rss(`<item>
      <title>Bread &amp;amp; circuses</title><link>/2026/bread?utm_source=rss&amp;page=2</link><guid isPermaLink="false">b-1</guid>
      <description><![CDATA[<p>First.</p><p>Second &amp; last.</p><script>alert(1)</script>]]></description>
      <content:encoded><![CDATA[<p onclick="x()">Body <a href="/more">more</a><img src="https://paper.example/a.jpg" alt="A loaf" width="600"></p>]]></content:encoded>
      <dc:creator>Ada Quill</dc:creator><pubDate>Mon, 23 Nov 2026 07:00:00 +0100</pubDate><category>Food</category>
    </item>`),
  );
  expect(reading).toMatchObject({ format: 'rss', title: 'Paper', homeUrl: 'https://paper.example/', warnings: [] });
  expect(reading.items).toEqual([
    {
      guid: 'b-1',
      url: 'https://paper.example/2026/bread?page=2',
      title: 'Bread & circuses',
      summaryText: 'First. Second & last.',
      author: 'Ada Quill',
      publishedAt: new Date('2026-11-23T06:00:00Z'),
      imageUrl: 'https://paper.example/a.jpg',
      imageAlt: 'A loaf',
      imageWidth: null,
      imageHeight: null,
      language: null,
      categories: ['Food'],
      wordCount: null,
      full: {
        contentHtml:
          '<p>Body <a href="https://paper.example/more">more</a><img alt="A loaf" width="600" src="https://paper.example/a.jpg" /></p>',
        givenUrl: '/2026/bread?utm_source=rss&page=2',
        givenDates: ['Mon, 23 Nov 2026 07:00:00 +0100'],
      },
    },
  ]);
});

test('reads Atom: text as text, HTML as HTML, the alternate link, xml:base', () => {
  const reading = readGood(`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://blog.example/">
    <title>Blog</title><link rel="self" href="/atom.xml"/><link href="/"/>
    <entry><id>tag:blog.example,2026:1</id><title>1 &lt; 2</title><link rel="edit" href="/edit"/><link href="posts/1"/>
      <updated>2026-11-20T10:00:00Z</updated><published>2026-11-19T10:00:00Z</published>
      <summary type="html">&lt;b&gt;Bold&lt;/b&gt; words</summary><author><name>Eva</name></author></entry></feed>`);
  expect(reading).toMatchObject({ format: 'atom', homeUrl: 'https://blog.example/', language: 'de' });
  expect(reading.items[0]).toMatchObject({
    title: '1 < 2',
    url: 'https://blog.example/posts/1',
    summaryText: 'Bold words',
    author: 'Eva',
    publishedAt: new Date('2026-11-19T10:00:00Z'),
  });
});

test('reads JSON Feed and RDF', () => {
  const json = readGood(
    JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'Notes',
      home_page_url: 'https://notes.example/',
      items: [{ id: '1', url: 'https://notes.example/1', content_text: 'A note without a title.' }],
    }),
  );
  expect(json.items[0]).toMatchObject({ title: 'A note without a title.', url: 'https://notes.example/1' });
  expect(json.warnings.map(({ code }) => code)).toEqual(['item_without_title']);
  const rdf =
    readGood(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <channel rdf:about="https://old.example/"><title>Old</title><link>https://old.example/</link></channel>
    <item rdf:about="https://old.example/1"><title>One</title><link>https://old.example/1</link></item></rdf:RDF>`);
  expect(rdf).toMatchObject({ format: 'rdf', items: [{ guid: 'https://old.example/1', title: 'One' }] });
});

test.each([
  [
    'ISO-8859-1 by declaration',
    Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel><title>Café</title></channel></rss>',
      'latin1',
    ),
    undefined,
    [],
  ],
  [
    'windows-1252 by header',
    Buffer.from('<rss version="2.0"><channel><title>Café</title></channel></rss>', 'latin1'),
    'text/xml; charset=windows-1252',
    [],
  ],
  [
    'UTF-16 with a byte-order mark',
    Buffer.from('\uFEFF<rss version="2.0"><channel><title>Café</title></channel></rss>', 'utf16le'),
    undefined,
    [],
  ],
  [
    'UTF-8 that is not',
    Buffer.from(
      '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Café</title></channel></rss>',
      'latin1',
    ),
    'text/xml',
    ['charset_guessed'],
  ],
  [
    'a header that lies',
    Buffer.from('<rss version="2.0"><channel><title>Café</title></channel></rss>'),
    'text/xml; charset=nonsense',
    ['charset_guessed'],
  ],
] as const)('decodes %s', (_name, bytes, contentType, warnings) => {
  const reading = readGood(bytes, contentType);
  expect(reading.title).toBe('Café');
  expect(reading.warnings.map(({ code }) => code)).toEqual(warnings);
});

test.each([
  ['', 'feed_empty'],
  ['   \n', 'feed_empty'],
  ['<!doctype html><html><head><title>x</title></head></html>', 'feed_is_html'],
  ['<html><body>&lt;rss version="2.0"&gt;&lt;channel&gt;</body></html>', 'feed_is_html'],
  ['<html><body><pre>&lt;feed xmlns="http://www.w3.org/2005/Atom"&gt;</pre></body></html>', 'feed_is_html'],
  ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'feed_unrecognised'],
  ['just words', 'feed_unrecognised'],
  ['{"openapi":"3.1.0","info":{}}', 'feed_unrecognised'],
  ['{"version": ', 'feed_malformed'],
  [
    '<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss version="2.0"><channel><title>&a;</title></channel></rss>',
    'feed_declares_entities',
  ],
  ['<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"/>', 'feed_declares_entities'],
  ['<!DOCTYPE rss SYSTEM "x" [ ]><rss version="2.0"/>', 'feed_declares_entities'],
  ['<rss version="2.0"><!ENTITY late "x"><channel/></rss>', 'feed_declares_entities'],
])('refuses %j as %s', (text, reason) => {
  expect(read(text)).toMatchObject({ kind: 'not-a-feed', reason });
});

test('refuses what is larger than the cap before it looks', () => {
  expect(read(Buffer.alloc(6 * 1024 * 1024, '<'))).toMatchObject({ reason: 'feed_too_large' });
});

test('takes a DOCTYPE without declarations out, and leaves one in an article alone', () => {
  const text = `<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">
    <rss version="0.91"><channel><title>Old</title><item><title>On XML</title><link>https://old.example/xml</link>
    <description><![CDATA[Write <!ENTITY a "b"> in the <!DOCTYPE x [ ]>.]]></description></item></channel></rss>`;
  const reading = readGood(text);
  expect(reading.items[0]?.title).toBe('On XML');
  expect(reading.warnings.map(({ code }) => code)).toEqual(['doctype_removed']);
});

test('does not expand references of its own invention', () => {
  const reading = readGood(
    rss('<item><title>&lol; &#x41; &amp;lt;</title><link>https://paper.example/1</link></item>'),
  );
  expect(reading.items[0]?.title).toBe('&lol; A <');
});

test('survives deep nesting, prototype names and NUL', () => {
  const deep = `<rss version="2.0"><channel>${'<a>'.repeat(50_000)}</channel></rss>`;
  expect(read(deep)).toMatchObject({ kind: 'not-a-feed', reason: 'feed_too_deep' });
  const odd = rss(
    '<__proto__><polluted>1</polluted></__proto__><constructor>1</constructor><item><title>a\0b</title><link>/1</link></item>',
  );
  expect(readGood(odd).items[0]?.title).toBe('ab');
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

test('salvages the items behind an element that is never closed, and drops the one that was cut off', () => {
  const items = [1, 2]
    .map((n) => `<item><title>Item ${n}</title><link>https://paper.example/${n}</link></item>`)
    .join('');
  const reading = readGood(rss(`<image>${items}<item><title>Cut`));
  expect(reading.items.map(({ title }) => title)).toEqual(['Item 1', 'Item 2']);
  expect(reading.title).toBe('Paper');
  expect(reading.warnings.map(({ code }) => code)).toEqual(['items_salvaged']);
});

test('takes now for a date in the future, and none for one that is no date', () => {
  const item = (date: string): string =>
    `<item><title>T</title><link>https://paper.example/${date.length}</link><pubDate>${date}</pubDate></item>`;
  const reading = readGood(rss(item('Fri, 01 Jan 2100 00:00:00 GMT') + item('soon')));
  expect(reading.items.map(({ publishedAt }) => publishedAt)).toEqual([NOW, null]);
  expect(reading.warnings.map(({ code }) => code)).toEqual(['date_in_future', 'date_unreadable']);
});

test('keeps the newest thousand of a flood', () => {
  const items = Array.from({ length: 1500 }, (_, n) => {
    const date = new Date(Date.UTC(2026, 0, 1) + n * 60_000).toUTCString();
    return `<item><title>Item ${n}</title><link>https://paper.example/${n}</link><pubDate>${date}</pubDate></item>`;
  });
  const reading = readGood(rss(items.join('')));
  expect(reading.items).toHaveLength(1000);
  expect([reading.items[0]?.title, reading.items.at(-1)?.title]).toEqual(['Item 500', 'Item 1499']);
  expect(reading.warnings.map(({ code }) => code)).toEqual(['item_cap_reached']);
});

test('is not held up by a flood of items or tags', () => {
  const flood = readGood(rss('<item><title>x</title><link>https://paper.example/1</link></item>'.repeat(12_000)));
  expect(flood.items).toHaveLength(1000);
  const tags = rss(
    `<item><title>x</title><link>/1</link><description>${'&lt;ul&gt;&lt;li&gt;'.repeat(50_000)}</description></item>`,
  );
  expect(readGood(tags).items[0]?.title).toBe('x');
}, 30_000);

test('takes the largest https picture, and no icon, tracking pixel or plain http', () => {
  const picture = (attributes: string): string => `<media:content medium="image" ${attributes}/>`;
  const media =
    picture('url="https://i.example/s.jpg" width="140"') + picture('url="https://i.example/l.jpg" width="460"');
  const inline = (tag: string): string => `<description>${tag.replaceAll('<', '&lt;')}</description>`;
  const images = [
    media,
    inline('<img src="https://i.example/p.gif" width="1">'),
    inline('<img src="http://i.example/x.jpg">'),
  ];
  const reading = readGood(
    rss(
      images.map((image, n) => `<item><title>T</title><link>https://paper.example/${n}</link>${image}</item>`).join(''),
    ),
  );
  expect(reading.items.map(({ imageUrl }) => imageUrl)).toEqual(['https://i.example/l.jpg', null, null]);
});

test('never lets markup, control characters or bare addresses of people through as text', () => {
  const [item] = readGood(
    rss(`<item><title>&lt;img src=x onerror=alert(1)&gt;Hi\u0007 {{ subscriber.name }}</title><link>javascript:alert(1)</link>
      <guid isPermaLink="false">1</guid><author>eve@example.com</author></item>`),
  ).items;
  expect(item).toMatchObject({ title: 'Hi {{ subscriber.name }}', url: null, author: null });
});
