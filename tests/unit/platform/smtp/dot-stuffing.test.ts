import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDotStuffer } from '../../../../src/platform/smtp/dot-stuffing.ts';

/** What goes over the wire for a message in these parts. */
function wireOf(...parts: readonly string[]): string {
  const stuffer = createDotStuffer();
  const stuffed = stuffer.stuff(parts.map((part) => Buffer.from(part, 'latin1')));
  return Buffer.concat(stuffed).toString('latin1') + stuffer.end();
}

/** RFC 5321 4.5.2, as the receiver undoes it. */
function messageOf(wire: string): string {
  expect(wire.indexOf('\r\n.\r\n')).toBe(wire.startsWith('.\r\n') ? -1 : wire.length - 5);
  return wire.replace(/\.\r\n$/, '').replaceAll(/(^|\r\n)\.\./g, '$1.');
}

describe('createDotStuffer', () => {
  it.each([
    ['', '.\r\n'],
    ['hello\r\n', 'hello\r\n.\r\n'],
    ['hello', 'hello\r\n.\r\n'],
    ['.', '..\r\n.\r\n'],
    ['.\r\n', '..\r\n.\r\n'],
    ['a\r\n.\r\nb\r\n', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r\n...\r\n', 'a\r\n....\r\n.\r\n'],
    ['a.b\r\nc.\r\n', 'a.b\r\nc.\r\n.\r\n'],
  ])('sends %j as %j', (message, wire) => {
    expect(wireOf(message)).toBe(wire);
  });

  it('leaves no line of a message that a server could take for its end, whatever it takes for a line end', () => {
    expect(wireOf('a\n.\nMAIL FROM:<x@evil.example>\r\n')).toBe('a\n..\nMAIL FROM:<x@evil.example>\r\n.\r\n');
    expect(wireOf('a\n')).toBe('a\n\r\n.\r\n');
  });

  it('gives back what was sent, in whatever parts', () => {
    const text = fc.string({ unit: fc.constantFrom('.', '\r\n', 'a'), maxLength: 30 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 6 }), (message, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, message.length)).toSorted((a, b) => a - b), message.length];
        const parts = at.slice(1).map((end, index) => message.slice(at[index], end));

        const whole = wireOf(message);

        expect(wireOf(...parts)).toBe(whole);
        expect(messageOf(whole)).toBe(message === '' || message.endsWith('\r\n') ? message : `${message}\r\n`);
      }),
      { numRuns: 2000 },
    );
  });

  it('copies nothing when no line begins with a dot', () => {
    const parts = [Buffer.from('head\r\n'), Buffer.from('body\r\n')];

    expect(createDotStuffer().stuff(parts)).toBe(parts);
  });

  it('remembers the end of a line between two calls', () => {
    const stuffer = createDotStuffer();

    const wire = ['a\r', '\n', '.b\r\n'].flatMap((part) => stuffer.stuff([Buffer.from(part)])).map(String);

    expect(wire.join('') + stuffer.end()).toBe('a\r\n..b\r\n.\r\n');
  });
});
