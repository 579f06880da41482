import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { writeTextHeader } from '../../../../src/rendering/message/header-text.ts';
import { writeMailboxHeader } from '../../../../src/rendering/message/mailbox.ts';

const token = fc.constantFrom(
  'a',
  'Wort',
  ' ',
  '  ',
  '=?utf-8?Q?evil?=',
  '=?',
  '?=',
  '"',
  '\\',
  '(',
  '<',
  ',',
  '.',
  ':',
  '_',
  '=',
  'ü',
  '日',
  '😀',
  '👩‍👩‍👧',
  'שלום',
  '\u200f',
  'x'.repeat(80),
  'und noch ein Wort ',
);
const line = fc
  .oneof(
    fc.array(token, { minLength: 1, maxLength: 30 }).map((tokens) => tokens.join('')),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  )
  .map((text) => text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '').toWellFormed())
  .filter((text) => text.trim() !== '' && text === text.trim());

function expectFolded(header: string): void {
  expect(header).toMatch(/\r\n$/);
  for (const each of header.slice(0, -2).split('\r\n')) {
    expect(each).toMatch(/^[ -~]{1,76}$/);
    expect(each.trim()).not.toBe('');
  }
}

describe('writeTextHeader', () => {
  it('comes back as it was, folded and in ASCII, whatever stands in it', async () => {
    await fc.assert(
      fc.asyncProperty(line, async (subject) => {
        const header = writeTextHeader('Subject', subject);
        const parsed = await PostalMime.parse(`${header}\r\n`);

        expectFolded(header);
        expect(parsed.subject).toBe(subject);
      }),
      { numRuns: 500 },
    );
  });

  it('never splits a character between two encoded words', () => {
    const header = writeTextHeader('Subject', '日本😀é'.repeat(60));
    const words = [...header.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g)].map((found) =>
      Buffer.from(found[1] ?? '', 'base64'),
    );

    expect(words.length).toBeGreaterThan(5);
    for (const word of words) {
      expect(word.toString('utf8')).not.toContain('\ufffd');
    }
  });

  it('leaves plain words as they are', () => {
    expect(writeTextHeader('Subject', 'What the week was about')).toBe('Subject: What the week was about\r\n');
  });

  it('folds ten thousand characters', async () => {
    const subject = 'Grüße '.repeat(1700).trim();
    const header = writeTextHeader('Subject', subject);

    expectFolded(header);
    expect((await PostalMime.parse(`${header}\r\n`)).subject).toBe(subject);
  });
});

describe('writeMailboxHeader', () => {
  it('brings every name back beside one address', async () => {
    await fc.assert(
      fc.asyncProperty(line, async (name) => {
        const header = writeMailboxHeader('From', name, 'news@example.org');
        const parsed = await PostalMime.parse(`${header}\r\n`);

        expectFolded(header);
        expect(parsed.from).toMatchObject({ name, address: 'news@example.org' });
      }),
      { numRuns: 500 },
    );
  });

  it('writes the domain of a sender as an A-label (R9)', () => {
    expect(writeMailboxHeader('From', '', 'news@bücher.example')).toBe('From: news@xn--bcher-kva.example\r\n');
    expect(writeMailboxHeader('To', '', 'jörg@bücher.example')).toBe('To: jörg@bücher.example\r\n');
  });
});
