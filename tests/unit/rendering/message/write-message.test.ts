import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareMessage, renderForReader, writeMessage } from '../../../../src/rendering/index.ts';
import type { CompiledMail, ReaderData } from '../../../../src/rendering/index.ts';
import {
  asRead,
  compiledMail,
  headerLines,
  list,
  listHead,
  messageReader,
  parse,
  plainHead,
  write,
} from './parse-message.ts';

type Segments = CompiledMail['html'];

const literal = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        '.',
        '..',
        ' ',
        '  ',
        '\t',
        '\n',
        '\r\n',
        '\n\n',
        '=',
        'From ',
        'word ',
        'é',
        '日本',
        '😀',
        '--=_',
        '<p>',
        '{{',
        'x'.repeat(74),
        'x'.repeat(76),
        '\n.\n',
        ' \n',
        'a',
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((tokens) => tokens.join('')),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }),
);
const field = fc.constantFrom('subscriber.name' as const, 'links.unsubscribe' as const, 'links.preferences' as const);
const slotIn = (...contexts: ('html' | 'url' | 'text')[]) =>
  fc.record({ field, fallback: fc.constantFrom(null, 'reader'), context: fc.constantFrom(...contexts) });
const segments = (...contexts: ('html' | 'url' | 'text')[]) =>
  fc.array(fc.oneof(literal, slotIn(...contexts)), { maxLength: 12 });
const subject = fc
  .array(
    fc.oneof(
      literal.map((text) => text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '')),
      slotIn('text'),
    ),
    { maxLength: 4 },
  )
  .map((parts): Segments => ['S', ...parts, '.']);
const name = fc.oneof(
  fc.constantFrom(
    'Ada',
    '',
    '.',
    '..',
    '.hidden',
    'From here',
    'a@b',
    '"><script>alert(1)</script>',
    `"'&<>`,
    'x\r\nBcc: y@example.org',
    '=?utf-8?q?a?=',
    '😀',
    '\u202eadA\u202c',
    '\u200fשלום',
    '\ud800',
    'Zoë',
    'n'.repeat(10_000),
    '日'.repeat(3000),
    ' two  spaces ',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const mail = fc.record({
  subject,
  html: segments('html', 'url'),
  text: segments('text'),
  name,
});
type Mail = typeof mail extends fc.Arbitrary<infer Value> ? Value : never;

function dataOf({ name: given }: Mail): ReaderData {
  const links = { unsubscribe: 'https://e.org/u/T?a=b&c=d', preferences: `https://e.org/p/${'x'.repeat(100)}` };
  return { subscriber: { name: given }, links };
}

function writeGenerated(generated: Mail) {
  const { subscriber, links } = dataOf(generated);
  return write(generated, {
    values: (each) =>
      each === 'subscriber.name'
        ? subscriber.name
        : links[each === 'links.unsubscribe' ? 'unsubscribe' : 'preferences'],
  });
}

/** RFC 6376 3.4.4, written down on its own. */
function relax(body: string): string {
  const lines = body.split('\r\n').map((each) => each.replaceAll(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') {
    lines.pop();
  }
  return lines.map((each) => `${each}\r\n`).join('');
}

describe('writeMessage', () => {
  it('holds what the mail renders to, whatever segments and values are made of', async () => {
    await fc.assert(
      fc.asyncProperty(mail, async (generated) => {
        const rendered = renderForReader(compiledMail(generated), dataOf(generated));
        const parsed = await parse(writeGenerated(generated));

        expect(parsed.subject).toBe(rendered.subject);
        expect(asRead(parsed.html ?? '').trimEnd()).toBe(asRead(rendered.html).trimEnd());
        expect(asRead(parsed.text ?? '').trimEnd()).toBe(asRead(rendered.text).trimEnd());
        expect(parsed.to).toEqual([{ name: '', address: 'ada@example.net' }]);
        expect(parsed.headers.map(({ key }) => key)).not.toContain('bcc');
      }),
      { numRuns: 300 },
    );
  });

  it('has short lines, CRLF alone and nothing to stuff (R8)', () => {
    fc.assert(
      fc.property(mail, (generated) => {
        const { header, body } = writeGenerated(generated);

        expect(header.toString('latin1')).toMatch(/^(?:[ -~]{1,998}\r\n)+$/);
        // A dot, a "From " or more than 76 characters would stand out.
        expect(body.toString('latin1')).toMatch(/^(?:(?!\.|From )[ -~]{0,76}\r\n)+$/);
      }),
      { numRuns: 300 },
    );
  });

  it('is in the form that DKIM hashes already (R10)', () => {
    fc.assert(
      fc.property(mail, (generated) => {
        const body = writeGenerated(generated).body.toString('latin1');

        expect(relax(body)).toBe(body);
      }),
      { numRuns: 300 },
    );
  });

  it('guards dots wherever a value or a segment begins or ends', async () => {
    for (let length = 0; length < 160; length += 1) {
      const html = [
        `${'x'.repeat(length)}.`,
        { field: 'subscriber.name', fallback: null, context: 'html' } as const,
        '.y\n.',
      ];
      const message = write({ html }, { values: () => `..${'.'.repeat(length)}` });

      expect(message.body.toString('latin1')).not.toMatch(/^\./m);
      expect((await parse(message)).html?.trimEnd()).toBe(`${'x'.repeat(length)}...${'.'.repeat(length)}.y\n.`);
    }
  });

  it('gives the same bytes for the same input, prepared anew or not (R7)', () => {
    const prepared = prepareMessage({ head: listHead, compiled: compiledMail() });
    const first = writeMessage(prepared, messageReader({ list })).bytes;

    expect(writeMessage(prepared, messageReader({ list })).bytes.equals(first)).toBe(true);
    expect(write({}, { list }, listHead).bytes.equals(first)).toBe(true);
  });

  it('changes no byte of what is prepared from one reader to the next', () => {
    const prepared = prepareMessage({ head: plainHead, compiled: compiledMail() });
    const digest = (message: { readonly body: Buffer }) => createHash('sha256').update(message.body).digest('hex');
    const before = digest(writeMessage(prepared, messageReader()));
    writeMessage(
      prepared,
      messageReader({ to: 'other@example.org', messageId: '<other-reader-1@example.org>' }),
    ).body.fill(0);

    expect(digest(writeMessage(prepared, messageReader()))).toBe(before);
  });

  it('writes every byte of memory that was used before', () => {
    const reader = messageReader({ to: 'jörg@bücher.example', list });
    const prepared = prepareMessage({ head: listHead, compiled: compiledMail() });
    const { bytes, header, body } = writeMessage(prepared, reader, (size) => Buffer.alloc(size, 0xff));

    expect(bytes.equals(writeMessage(prepared, reader).bytes)).toBe(true);
    expect(Buffer.concat([header, Buffer.from('\r\n'), body]).equals(bytes)).toBe(true);
    expect(bytes.includes(0xff)).toBe(false);
  });

  it('puts text before HTML in one multipart/alternative, both quoted-printable (R13)', () => {
    const source = write({ text: ['Grüße\n'], html: ['<p>Grüße</p>'] }).bytes.toString('latin1');

    expect(source.match(/^Content-Type: .*$/gm)).toEqual([
      'Content-Type: multipart/alternative;',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Type: text/html; charset=utf-8',
    ]);
    expect(source.match(/^Content-Transfer-Encoding: quoted-printable$/gm)).toHaveLength(2);
  });

  it('bounds the parts by a word from the Message-ID that no part can hold', () => {
    const message = write({ text: ['--=_0123456789abcdef0123456789abcdef\n'] });

    expect(headerLines(message)).toContain(
      'Content-Type: multipart/alternative; boundary="=_0123456789abcdef0123456789abcdef"',
    );
    expect(message.body.toString('latin1').match(/^--=_0123456789abcdef0123456789abcdef/gm)).toHaveLength(3);
  });

  it('keeps date and message id as they were given', () => {
    expect(headerLines(write())).toEqual(
      expect.arrayContaining([
        'Date: Mon, 23 Nov 2026 08:00:00 +0000',
        'Message-ID: <0123456789abcdef0123456789abcdef@news.example.org>',
        'MIME-Version: 1.0',
      ]),
    );
  });

  it('puts a prefix in front of every kind of subject', async () => {
    const hello: Segments = ['Hello ', { field: 'subscriber.name', fallback: 'reader', context: 'text' }, ', schön'];

    expect((await parse(write({ subject: hello }, { subjectPrefix: '[Test] ' }))).subject).toBe(
      '[Test] Hello Ada Okafor, schön',
    );
    expect((await parse(write({}, { subjectPrefix: '[Test] ' }))).subject).toBe('[Test] Monday');
  });

  it('asks only for values that the mail uses, and once for each', () => {
    const asked: string[] = [];
    const link = { field: 'links.unsubscribe', fallback: null } as const;
    write(
      { html: [{ ...link, context: 'html' }, 'x', { ...link, context: 'html' }], text: [{ ...link, context: 'text' }] },
      {
        values: (each) => {
          asked.push(each);
          return 'https://example.org/u';
        },
      },
    );

    expect(asked).toEqual(['links.unsubscribe']);
  });

  it('refuses to write a link that leads nowhere', () => {
    const html: Segments = [{ field: 'links.unsubscribe', fallback: null, context: 'html' }];

    expect(() => write({ html }, { values: () => undefined })).toThrow(
      expect.objectContaining({ code: 'merge_value_missing' }) as Error,
    );
  });

  it('writes the output of logic as it came, on one line in the subject', async () => {
    const message = write(
      { subject: ['For ', { logic: 0, context: 'text' }], html: ['<p>', { logic: 1, context: 'html' }, '</p>'] },
      { logic: ['members\n  and friends', '<b>.\n.</b>\n'] },
    );
    const parsed = await parse(message);

    expect(parsed.subject).toBe('For members and friends');
    expect(parsed.html?.trimEnd()).toBe('<p><b>.\n.</b>\n</p>');
  });

  it('refuses a mail whose logic nobody worked out', () => {
    expect(() => write({ html: [{ logic: 0, context: 'html' }] })).toThrow(
      expect.objectContaining({ code: 'merge_value_missing' }) as Error,
    );
  });
});
