import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { expect, it } from 'vitest';
import type { ReaderData } from '../../../src/rendering/index.ts';
import { campaignInput, compile, reader, render } from './mail-inputs.ts';

const READERS: readonly ReaderData[] = [
  reader,
  { ...reader, subscriber: {} },
  { ...reader, subscriber: { name: '<"&{{ x }}', locale: 'de' } },
];

/** Elements that are opened and not closed, or the other way round. */
function imbalanceOf(html: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  new Parser({
    onopentagname: (name) => void open.push(name),
    onclosetag: (name, isImplied) => {
      open.pop();
      if (isImplied && !VOID.has(name)) {
        wrong.push(name);
      }
    },
  }).end(html);
  return wrong;
}
const VOID = new Set(['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'wbr']);

const TEXTS = [
  '{{ subscriber.name | default: "x" }}',
  '{{ subscriber.name | upcase }}',
  'words',
  ' ',
  '\n\n',
  '\n- item\n',
  '> quote\n',
  '**bold**',
  '\n# heading\n',
  '`',
  '[a](https://example.org/b)',
  '\n| a | b |\n|---|---|\n| c | d |\n',
] as const;
const HALVES = [
  '{% if subscriber.name %}',
  '{% else %}',
  '{% endif %}',
  '**',
  '[a](https://example.org/',
  ')',
] as const;

const { markdown } = fc.letrec<{ markdown: string; block: string; part: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small' },
    { weight: 20, arbitrary: fc.constantFrom(...TEXTS) },
    { weight: 1, arbitrary: fc.constantFrom(...HALVES) },
    { weight: 8, arbitrary: tie('block') },
  ),
  // Tags within a line, or on lines of their own.
  block: fc
    .tuple(tie('markdown'), tie('markdown'), fc.constantFrom('', '\n'))
    .map(
      ([yes, no, br]) =>
        `${br}{% if subscriber.name %}${br}${yes}${br}{% elsif subscriber.locale == "de" %}${br}${no}${br}{% endif %}${br}`,
    ),
  markdown: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
}));

it(
  'gives whole pages to every reader for whatever it takes, and says why it does not take the rest',
  { timeout: 120_000 },
  async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(markdown, async (written) => {
        const input = campaignInput({ source: `a${written}` });
        const outcome = await compile(input);
        const problems = outcome.ok ? [] : outcome.problems;
        expect(problems.filter(({ message, line }) => message === '' || line === undefined)).toEqual([]);
        expect(problems.map(({ message }) => message).join(' ')).not.toMatch(/mf[0-9a-f]{16}n/);
        taken += outcome.ok && outcome.mail.logic !== undefined ? 1 : 0;
        // Nobody gets what was refused.
        for (const each of outcome.ok ? READERS : []) {
          const { html, text } = await render(input, each);
          expect(imbalanceOf(html)).toEqual([]);
          expect(html + text).not.toMatch(/mf[0-9a-f]{16}n|[\u{F0000}-\u{FFFFD}]|\{%/u);
        }
      }),
      { numRuns: 150 },
    );
    expect(taken).toBeGreaterThan(10);
  },
);
