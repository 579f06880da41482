import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTexts, toNamedKey } from '../../support/texts.ts';

/** The page of a developer's own machine: whoever sees it reads the documentation too. */
const NOT_PUBLIC = new Set(['src/inbox/views/inbox.liquid']);
/** `{}` stands for what is only known when the page is made. */
const HOLE = '{}';

const texts = readTexts('en');
const keys = [...new Set([...texts.keys()].map((key) => toNamedKey(key, texts)))];
const sections = [...new Set(keys.filter((key) => key.includes('.')).map((key) => key.split('.')[0] ?? ''))];

function readFiles(
  roots: readonly string[],
  ending: RegExp,
): readonly { readonly path: string; readonly source: string }[] {
  return roots.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => ending.test(path))
      .map((path) => ({ path: join(root, path), source: readFileSync(join(root, path), 'utf8') })),
  );
}

const sources = readFiles(['src', 'workers', 'emails'], /\.(?:ts|liquid|mjml|txt)$/);
const code = sources.map(({ source }) => source).join('\n');

/** Keys as they stand between quotes, `section.${'name'}` with a hole. */
const written = new Set(
  [...code.matchAll(new RegExp(`(['"\`])((?:${sections.join('|')})\\.(?:[\\w.-]|\\$\\{[^}]*\\})+)\\1`, 'g'))].map(
    (match) => (match[2] ?? '').replaceAll(/\$\{[^}]*\}/g, HOLE),
  ),
);
const dots = (key: string): string => key.replaceAll('.', '\\.');
const patterns = [...written]
  .filter((key) => key.includes(HOLE))
  .map((key) => new RegExp(`^${dots(key).replaceAll(HOLE, '(.+)')}$`));

/** Written out, or made of a code, a state or a number: then what fills the hole stands somewhere as a word of its own. */
function isUsed(key: string): boolean {
  return (
    written.has(key) ||
    patterns.some((pattern) => {
      const [, filling] = pattern.exec(key) ?? [];
      return (
        filling !== undefined &&
        (/^\d+$/.test(filling) || new RegExp(`(?:['"\`]|\\b)${dots(filling)}(?:['"\`]|:)`).test(code))
      );
    })
  );
}

describe('the texts', () => {
  it('are all used', () => {
    const unused = keys.filter((key) => key.includes('.') && !isUsed(key));

    expect(unused).toEqual([]);
  });

  it('exist for every key that a page, a mail or the code names', () => {
    const asked = [
      ...code.matchAll(/'([a-z_]+\.[\w.-]+)' \| t(?:_html)?\b/g),
      ...code.matchAll(/(?:\)|\bt|\btext|\bfindText|\btranslate)\(\s*'([a-z_]+\.[\w.-]+)'/g),
    ].map((match) => match[1] ?? '');
    const missing = asked.filter((key) => sections.includes(key.split('.')[0] ?? '') && !keys.includes(key));

    expect(missing).toEqual([]);
  });

  it.each(readFiles(['src'], /\.liquid$/).filter(({ path }) => !NOT_PUBLIC.has(path)))(
    '$path holds no words of its own',
    ({ source }) => {
      expect(findWords(source)).toEqual([]);
    },
  );

  it.each(readFiles(['emails'], /\.(?:liquid|mjml|txt)$/))('$path holds no words of its own', ({ source }) => {
    expect(findWords(source)).toEqual([]);
  });
});

/** What people would read or hear in a template: text between tags, and the attributes that are said aloud. */
function findWords(template: string): readonly string[] {
  const plain = template
    .replaceAll(/\{%-?\s*comment[\s\S]*?endcomment\s*-?%\}/g, '')
    .replaceAll(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, '')
    .replaceAll(/<(?:style|script|svg|mj-style)\b[\s\S]*?<\/(?:style|script|svg|mj-style)>/g, '');
  const spoken = [...plain.matchAll(/\s(?:aria-label|alt|title|placeholder)="([^"]*)"/g)].map(
    (match) => match[1] ?? '',
  );
  const shown = plain.replaceAll(/<[^>]*>/g, '\n').split('\n');
  return [...spoken, ...shown]
    .map((text) => text.replaceAll(/&#?\w+;/g, '').trim())
    .filter((text) => /\p{L}{2,}/u.test(text));
}
