import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinMessage, messageOf, signField, SIGNED_AT, verifySigned, verifyWithMailauth } from './signed.ts';

const HEADER = [
  'From: News <news@courant.example>',
  'To: reader@example.org',
  'Subject: The week',
  'Message-ID: <1@courant.example>',
  'Date: Mon, 23 Nov 2026 07:00:00 +0000',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
];
const LIST_HEADER = [
  ...HEADER,
  'List-Id: "The Week"\r\n <week.courant.example>',
  'List-Unsubscribe: <https://courant.example/unsubscribe/abc>,\r\n <mailto:leave@courant.example>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  'Feedback-ID: 1:week:campaign:courant',
];
const BODY = 'Good morning.\r\n\r\nGood night.\r\n';

function tagOf(field: Buffer, tag: string): string | undefined {
  return new RegExp(`[;\\s]${tag}=([^;]*)`).exec(field.toString('latin1'))?.[1]?.replaceAll(/\s/g, '');
}

function namesIn(field: Buffer): readonly string[] {
  return (tagOf(field, 'h') ?? '').split(':');
}

describe('the signature', () => {
  it('is found good by an independent verifier, aligned with From', async () => {
    const result = await verifySigned(messageOf(LIST_HEADER, BODY));
    expect(result?.status).toMatchObject({ result: 'pass', aligned: 'courant.example' });
    expect(result).toMatchObject({ signingDomain: 'courant.example', selector: 's1', format: 'relaxed/relaxed' });
  });

  it('is rsa-sha256, relaxed, without l=, with the time of the delivery (R10)', async () => {
    const field = await signField(messageOf(LIST_HEADER, BODY));
    expect(tagOf(field, 'a')).toBe('rsa-sha256');
    expect(tagOf(field, 'c')).toBe('relaxed/relaxed');
    expect(tagOf(field, 't')).toBe(String(Math.floor(SIGNED_AT.getTime() / 1000)));
    expect(tagOf(field, 'l')).toBeUndefined();
  });

  it('covers both unsubscribe headers of list mail (R1)', async () => {
    const names = namesIn(await signField(messageOf(LIST_HEADER, BODY)));
    expect(names).toContain('list-unsubscribe');
    expect(names).toContain('list-unsubscribe-post');
    const transactional = namesIn(await signField(messageOf(HEADER, BODY)));
    expect(transactional).not.toContain('list-unsubscribe');
  });

  it('names From and Reply-To once more than they are there (R10)', async () => {
    const count = (names: readonly string[], name: string): number => names.filter((one) => one === name).length;
    const without = namesIn(await signField(messageOf(HEADER, BODY)));
    expect([count(without, 'from'), count(without, 'reply-to'), count(without, 'to')]).toEqual([2, 1, 1]);
    const withReply = namesIn(await signField(messageOf([...HEADER, 'Reply-To: us@courant.example'], BODY)));
    expect(count(withReply, 'reply-to')).toBe(2);
  });

  it.each([
    ['a second From', 'From: Bank <bank@example.net>'],
    ['a Reply-To', 'Reply-To: thief@example.net'],
    ['a second Subject', 'Subject: You have won'],
  ])('breaks when somebody adds %s', async (_, added) => {
    const message = messageOf(HEADER, BODY);
    const field = await signField(message);
    const forged = { ...message, header: Buffer.concat([message.header, Buffer.from(`${added}\r\n`)]) };
    expect((await verifyWithMailauth(joinMessage(field, forged)))?.status.result).toBe('fail');
  });

  it('breaks when a word of the body changes', async () => {
    const message = messageOf(HEADER, BODY);
    const field = await signField(message);
    const changed = { ...message, body: Buffer.from(BODY.replace('night', 'bye')) };
    expect((await verifyWithMailauth(joinMessage(field, changed)))?.status.result).not.toBe('pass');
  });

  it('is the same bytes each time, so that a retry is byte-identical', async () => {
    const [first, second] = [
      await signField(messageOf(LIST_HEADER, BODY)),
      await signField(messageOf(LIST_HEADER, BODY)),
    ];
    expect(second.equals(first)).toBe(true);
  });

  it('is folded at 78 characters and ends with CRLF (R8)', async () => {
    const field = (await signField(messageOf(LIST_HEADER, BODY))).toString('latin1');
    expect(field.endsWith('\r\n')).toBe(true);
    const lines = field.slice(0, -2).split('\r\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78);
    expect(lines.slice(1).every((line) => line.startsWith(' '))).toBe(true);
  });

  it('counts the body as it stands when the writer made it canonical', async () => {
    const canonical = 'Good morning.\r\nGood night.\r\n';
    const [told, looked] = [
      await signField(messageOf(HEADER, canonical, true)),
      await signField(messageOf(HEADER, canonical)),
    ];
    expect(told.equals(looked)).toBe(true);
  });
});

describe('what may stand in a message', () => {
  it.each([
    ['folded with tabs', 'Subject: one\r\n\ttwo \r\n  three'],
    ['empty', 'Subject:'],
    ['white space alone', 'Subject:   \t '],
    ['bytes of UTF-8', 'Subject: Grüße, Ψυχή, 新聞 📰'],
    ['encoded words', 'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?Q?_aus_Berlin?='],
    ['a line of 998 octets', `Subject: ${'x'.repeat(989)}`],
    ['signs of its own', 'Subject: v=1; b=abc; d=example.net; h=from:to'],
    ['odd case and space before the colon', 'sUBJECT : hello   world '],
  ])('a header that is %s', async (_, subject) => {
    const header = HEADER.map((line) => (line.startsWith('Subject') ? subject : line));
    expect((await verifySigned(messageOf(header, BODY)))?.status.result).toBe('pass');
  });

  it('a header block with the empty line that ends it', async () => {
    const message = messageOf(HEADER, BODY);
    const field = await signField({ ...message, header: Buffer.concat([message.header, Buffer.from('\r\n')]) });
    expect((await verifyWithMailauth(joinMessage(field, message)))?.status.result).toBe('pass');
  });

  it.each([
    ['nothing', ''],
    ['empty lines alone', '\r\n\r\n\r\n'],
    ['white space alone', '  \t \r\n \r\n'],
    ['no line end at its end', 'one line'],
    ['a space as its last line', 'one\r\n '],
    ['empty lines at its end', 'one\r\n\r\n\r\n\r\n'],
    ['white space at line ends', 'one \t\r\ntwo   \r\n'],
    ['white space at line starts', '  one\r\n\t\ttwo\r\n'],
    ['dots at line starts', '.\r\n..\r\n.one\r\n'],
    ['bytes of UTF-8', 'Grüße, Ψυχή, 新聞 📰\r\n'],
    ['a very long line of spaces', `one${' '.repeat(200_000)}two\r\n`],
  ])('a body of %s', async (_, body) => {
    expect((await verifySigned(messageOf(HEADER, body)))?.status.result).toBe('pass');
  });

  it('any body at all', async () => {
    const piece = fc.constantFrom(' ', '\t', '\r\n', '.', 'a', 'ü', '=', 'From ', '\r\n\r\n');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const result = await verifySigned(messageOf(HEADER, pieces.join('')));
        expect(result?.status.result).toBe('pass');
      }),
      { numRuns: 150 },
    );
  });
});
