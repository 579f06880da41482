import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { writeIntro } from '../../../src/rendering/write-intro.ts';

const asIs = { link: (address: string): string => address, withImages: true };

describe('an intro', () => {
  it('is set as Markdown, each paragraph in the direction of its words', () => {
    expect(writeIntro('One **two** [three](https://example.org/3).', asIs)).toBe(
      '<p dir="auto">One <strong>two</strong> <a href="https://example.org/3">three</a>.</p>\n',
    );
  });

  it('puts its headings below that of the issue, without a step left out', () => {
    const html = writeIntro('### First\n\n### Then\n\n# Last', asIs);

    expect([...html.matchAll(/<(h\d)/g)].map((match) => match[1])).toEqual(['h2', 'h3', 'h2']);
  });

  it('keeps the words of a link to nowhere, and of an image that a mail must not show (R15)', () => {
    const source = '[one](/relative) [two](#part) ![three](http://example.org/a.png) ![four](data:image/png;base64,AA)';
    const html = writeIntro(source, asIs);

    expect(html).not.toMatch(/<a|<img/);
    expect(html).toMatch(/one.*two.*three/s);
  });

  it('leaves images out where there is no room for any', () => {
    const source = '![A quay](https://example.org/quay.jpg)';

    expect(writeIntro(source, asIs)).toContain('<img src="https://example.org/quay.jpg" alt="A quay">');
    expect(writeIntro(source, { ...asIs, withImages: false })).toBe('<p dir="auto">A quay</p>\n');
  });

  it('hands each link over, to be tagged', () => {
    const html = writeIntro('https://example.org/a', { ...asIs, link: (address) => `${address}?x=1&y=2` });

    expect(html).toContain('href="https://example.org/a?x=1&amp;y=2"');
  });

  it('obeys no HTML, whatever somebody writes (S2)', () => {
    const allowed = new Set(
      'p h2 h3 a strong em s ul ol li blockquote code pre hr br img table thead tbody tr th td'.split(' '),
    );
    const token = fc.constantFrom(
      '<script>',
      '</p>',
      '<img src=x onerror=a>',
      '[',
      '](javascript:a)',
      '# ',
      '\n',
      '> ',
      '`',
      '**',
      '| a |',
      '&lt;',
      'x',
      '](https://a.example "',
      '![',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 30 }), (tokens) => {
        new Parser({
          onopentag: (name, attributes) => {
            expect(allowed.has(name) ? '' : name).toBe('');
            expect(Object.keys(attributes).filter((attribute) => attribute.startsWith('on'))).toEqual([]);
            expect(attributes['href'] ?? 'https:').toMatch(/^(?:https?:|mailto:)/);
          },
        }).end(writeIntro(tokens.join(''), asIs));
      }),
      { numRuns: 300 },
    );
  });
});
