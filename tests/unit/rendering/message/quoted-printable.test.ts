import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeQuotedPrintable } from '../../../../src/rendering/message/quoted-printable.ts';
import { asRead } from './parse-message.ts';

/** RFC 2045 6.7 the other way round, byte by byte. */
function decode(encoded: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < encoded.length; at += 1) {
    if (encoded.startsWith('=\r\n', at)) {
      at += 2;
    } else if (encoded[at] === '=') {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else {
      bytes.push(encoded.charCodeAt(at));
    }
  }
  return Buffer.from(bytes).toString('utf8').replaceAll('\r\n', '\n');
}

const token = fc.constantFrom(
  '.',
  '..',
  ' ',
  '  ',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '=',
  '=3D',
  'From ',
  'From',
  'a',
  'word ',
  'é',
  '日本',
  '😀',
  '\ud800',
  'x'.repeat(73),
  'x'.repeat(74),
  'x'.repeat(75),
  'x'.repeat(76),
  '\u0000',
  '\u007f',
  '\u202e',
  '\n\n',
  '--=_b',
);
const text = fc.oneof(
  fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join('')),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

describe('encodeQuotedPrintable', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(text, (source) => {
        expect(decode(encodeQuotedPrintable(source))).toBe(asRead(source));
      }),
      { numRuns: 2000 },
    );
  });

  it('has lines of at most 76 characters of ASCII that no relay has to touch', () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const line of encodeQuotedPrintable(source).split('\r\n')) {
          expect(line).toMatch(/^(?!\.)(?!From )(?:[ -<>-~]|=[\dA-F]{2}){0,75}=?$/);
          expect(line.length).toBeLessThanOrEqual(76);
          expect(line).not.toMatch(/ $|\s\s/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('guards a dot at every offset of a long line', () => {
    for (let offset = 0; offset < 200; offset += 1) {
      const source = `${'x'.repeat(offset)}..From here`;
      const encoded = encodeQuotedPrintable(source);

      expect(decode(encoded)).toBe(source);
      expect(encoded).not.toMatch(/^(?:\.|From )/m);
    }
  });

  it('keeps the bytes of a character on one line', () => {
    for (let offset = 60; offset < 80; offset += 1) {
      const lines = encodeQuotedPrintable(`${'x'.repeat(offset)}日本😀é`).split('=\r\n');

      for (const line of lines) {
        expect(decode(line)).not.toContain('\ufffd');
      }
    }
  });
});
