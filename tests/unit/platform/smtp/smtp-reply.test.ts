import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplyReader, readReply } from '../../../../src/platform/smtp/smtp-reply.ts';

/** What was understood of these packets: replies as code and text, and the complaint that ended it. */
function read(...packets: readonly string[]): {
  readonly replies: readonly string[];
  readonly nonsense: string | undefined;
} {
  const replies: string[] = [];
  let nonsense: string | undefined;
  const reader = createReplyReader({
    onReply: (code, bytes) => replies.push(`${code} ${readReply(code, bytes).text}`),
    onNonsense: (error) => {
      nonsense = error.message;
    },
  });
  for (const packet of packets) {
    reader.read(Buffer.from(packet, 'latin1'));
  }
  return { replies, nonsense };
}

describe('createReplyReader', () => {
  it('finds the same replies however they are split over packets', () => {
    const stream =
      '250-first\r\n250-2.1.5 second\r\n250 third\r\n\r\n354\n550-no\n550 5.1.1 gone\r\n250 2.0.0 \0 ok\r\n';
    const expected = read(stream);
    expect(expected).toEqual({
      replies: [
        '250 250-first\n250-2.1.5 second\n250 third',
        '354 354',
        '550 550-no\n550 5.1.1 gone',
        '250 250 2.0.0 \0 ok',
      ],
      nonsense: undefined,
    });

    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const packets = at.slice(1).map((end, index) => stream.slice(at[index], end));
        expect(read(...packets)).toEqual(expected);
      }),
    );
    expect(read(...stream.split(''))).toEqual(expected);
  });

  it.each([
    'hello\r\n',
    '99 ok\r\n',
    '250ok\r\n',
    '150 wait\r\n',
    '600 what\r\n',
    '25\r\n',
    '250-a\r\nok\r\n',
    '\0\0\0\r\n',
  ])('calls %j nonsense, and reads nothing after it', (line) => {
    expect(read(line, '250 ok\r\n')).toEqual({ replies: [], nonsense: 'the server sent a line that is no SMTP reply' });
  });

  it.each([
    ['a line without an end', ['250 ', ...Array.from({ length: 100 }, () => 'x'.repeat(1000))]],
    ['a line of 100 kB', [`250 ${'x'.repeat(100_000)}\r\n`]],
    ['a reply without an end', Array.from({ length: 2000 }, () => `250-${'x'.repeat(60)}\r\n`)],
  ])('does not keep %s', (_, packets) => {
    expect(read(...packets)).toEqual({ replies: [], nonsense: 'the server sent a reply without an end' });
  });

  it('takes a reply that is long but ends', () => {
    const lines = Array.from({ length: 900 }, () => `550-${'x'.repeat(60)}\r\n`).join('');

    expect(read(`${lines}550 5.7.1 so there\r\n`).replies).toHaveLength(1);
  });

  it('goes by the last line when the codes differ', () => {
    expect(read('250-fine\r\n550 5.1.1 no\r\n').replies).toEqual(['550 250-fine\n550 5.1.1 no']);
  });
});

describe('readReply', () => {
  it('keeps what is UTF-8, and what is not octet by octet', () => {
    expect(readReply(550, Buffer.from('550 5.1.1 gibt’s nicht: ä'))).toEqual({
      code: 550,
      enhancedCode: '5.1.1',
      text: '550 5.1.1 gibt’s nicht: ä',
    });
    expect(readReply(550, Buffer.from('550 \xe4', 'latin1')).text).toBe('550 ä');
  });
});
