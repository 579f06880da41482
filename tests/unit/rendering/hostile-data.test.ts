import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { campaignInput, digestInput, reader, render } from './mail-inputs.ts';

const HOSTILE =
  '</mj-text><mj-raw><script>alert(1)</script></mj-raw>{{ 7 | times: 6 }}{% if 1 %}{{ links.unsubscribe }}<!-- --> $& ]]>"\'';

function textOf(html: string): string {
  let text = '';
  new Parser({ ontext: (data) => (text += data) }, { decodeEntities: true }).end(html);
  return text;
}

function tagNamesOf(html: string): Set<string> {
  const names = new Set<string>();
  new Parser({ onopentag: (name) => names.add(name) }).end(html);
  return names;
}

function articleWith(title: string): Parameters<typeof digestInput>[0] {
  const article = { title, url: 'https://example.org/a', summaryText: title, author: title, source: title };
  return { title, intro: title, sections: [{ name: title, articles: [article, { ...article, title: 'Second' }] }] };
}

describe('what a feed wrote', () => {
  it('comes out as it was, in every part, and is not executed', async () => {
    const mail = await render(digestInput(articleWith(HOSTILE)));

    expect(mail.subject).toMatch(/…$/);
    expect(HOSTILE).toContain(mail.subject.slice(0, -1));
    expect(textOf(mail.html)).toContain(HOSTILE);
    expect(mail.text.replace(/\s+/g, ' ')).toContain(HOSTILE);
    expect(mail.html).not.toContain('<script');
    expect(mail.html).toContain('{{ 7 | times: 6 }}{% if 1 %}{{ links.unsubscribe }}');
  });

  it('adds no tag to the page, whatever it is made of', { timeout: 30_000 }, async () => {
    const plain = tagNamesOf((await render(digestInput(articleWith('Plain')))).html);
    const token = fc.constantFrom(
      '<',
      '>',
      '</',
      '{{',
      '}}',
      '{%',
      '%}',
      '"',
      "'",
      '&',
      '&lt;',
      '<!--',
      '-->',
      '<![CDATA[',
      '<mj-include path="/etc/passwd"/>',
      '</mj-body>',
      '</style>',
      '<script>',
      'links.unsubscribe',
      'raw',
      ' ',
      'a',
      '\n',
      '\u0000',
      '\ud800',
      '\u202e',
      '$1',
      '\\',
      '|',
    );

    await fc.assert(
      fc.asyncProperty(fc.array(token, { minLength: 1, maxLength: 24 }), async (tokens) => {
        // The intro is an editor's Markdown, which may make tags of its own: see write-intro.test.ts.
        const mail = await render(digestInput({ ...articleWith(`x${tokens.join('')}x`), intro: 'Plain' }));

        expect([...tagNamesOf(mail.html)].filter((name) => !plain.has(name))).toEqual([]);
        expect(mail.subject).not.toMatch(/[\p{Cc}\u202e]/u);
        expect(mail.text).not.toContain(`{{${reader.links.unsubscribe}`);
        expect(mail.html.isWellFormed()).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('cannot link or show anything but web addresses', async () => {
    const [first, second] = [
      { title: 'One', url: 'javascript:alert(1)', summaryText: '', imageUrl: 'https://example.org/1.png' },
      {
        title: 'Two',
        url: 'https://example.org/"><b>{{ links.unsubscribe }}',
        summaryText: '',
        imageUrl: 'http://example.org/2.png',
      },
    ];
    const { html, text } = await render(digestInput({ sections: [{ name: 'S', articles: [first, second] }] }));

    expect(html + text).not.toContain('javascript:');
    expect(html).not.toContain('.png');
    expect(html).toContain('href="https://example.org/%22%3E%3Cb%3E%7B%7B%20links.unsubscribe%20%7D%7D"');
  });

  it('is cut where a title has no end', async () => {
    const { html } = await render(digestInput(articleWith('word '.repeat(5000))));

    expect(Buffer.byteLength(html)).toBeLessThan(40_000);
  });
});

describe('what a reader entered as a name', () => {
  it('is escaped in HTML and plain in the text, and never executed', async () => {
    const input = campaignInput({ subject: 'For {{ subscriber.name }}', source: 'Dear {{ subscriber.name }}!' });
    const name = '<img src=x onerror=alert(1)> {{ links.unsubscribe }}\r\nBcc: x@example.org';
    const mail = await render(input, { ...reader, subscriber: { name } });

    expect(mail.subject).toBe('For <img src=x onerror=alert(1)> {{ links.unsubscribe }}  Bcc: x@example.org');
    expect(mail.html).toContain('Dear &lt;img src=x onerror=alert(1)&gt; {{ links.unsubscribe }}');
    expect(mail.text).toContain('Dear <img src=x onerror=alert(1)> {{ links.unsubscribe }}  Bcc');
  });
});
