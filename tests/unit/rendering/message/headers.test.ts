import { describe, expect, it } from 'vitest';
import type { MessageReader } from '../../../../src/rendering/index.ts';
import { headerLines, list, listHead, parse, plainHead, PREFERENCES, UNSUBSCRIBE, write } from './parse-message.ts';

function listMail(changes: Partial<NonNullable<MessageReader['list']>> = {}, head = listHead) {
  return write({}, { list: { ...list, ...changes } }, head);
}

describe('the headers of list mail', () => {
  it('hold one one-click unsubscribe URI and its Post header (R1)', () => {
    const lines = headerLines(listMail());

    expect(lines.filter((line) => line.startsWith('List-Unsubscribe'))).toEqual([
      `List-Unsubscribe: <${UNSUBSCRIBE}>`,
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ]);
  });

  it('may name a mailto after the https URI (R1)', () => {
    const unsubscribeMailto = 'mailto:leave@example.org?subject=x';

    expect(listMail({ unsubscribeMailto }).header.toString()).toContain(
      `\r\nList-Unsubscribe: <${UNSUBSCRIBE}>,\r\n <${unsubscribeMailto}>\r\n`,
    );
  });

  it('say which list it is, where help is, and that no person wrote it (R4, R5, R12)', () => {
    expect(headerLines(listMail())).toEqual([
      'From: The Weekly <news@example.org>',
      'Reply-To: The Weekly <editor@example.org>',
      'To: ada@example.net',
      'Subject: Monday',
      'Message-ID: <0123456789abcdef0123456789abcdef@news.example.org>',
      'Date: Mon, 23 Nov 2026 08:00:00 +0000',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary="=_0123456789abcdef0123456789abcdef"',
      'List-Id: The Weekly <the-weekly.example.org>',
      'List-Owner: <mailto:editor@example.org>',
      'List-Archive: <https://news.example.org/archive>',
      'Precedence: bulk',
      `List-Unsubscribe: <${UNSUBSCRIBE}>`,
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      `List-Help: <${PREFERENCES}>`,
      'Feedback-ID: 7:the-weekly:campaign:courant',
      'Auto-Submitted: auto-generated',
      'X-Auto-Response-Suppress: OOF, AutoReply',
    ]);
  });

  it('are absent from a confirmation (R6)', () => {
    const lines = headerLines(write());

    expect(lines.filter((line) => /^(?:List-|Precedence|Feedback-ID|Reply-To)/.test(line))).toEqual([]);
    expect(lines).toContain('Auto-Submitted: auto-generated');
  });

  it('encode a name that is not ASCII', async () => {
    const name = 'Die wöchentliche "Zeitung", 毎週の新聞, ein langer Name, der auf keine Zeile passt';
    const message = listMail({}, { ...listHead, fromName: name, list: { name, slug: 'w' } });
    const parsed = await parse(message);

    // Whole addresses are not folded.
    expect(message.header.toString('latin1')).toMatch(/^(?:List-\w+: <\S+>\r\n|[ -~]{1,76}\r\n)+$/);
    expect(parsed.headers.find((header) => header.key === 'list-id')?.value).toContain('<w.example.org>');
    expect(parsed.from).toMatchObject({ name, address: 'news@example.org' });
    expect(parsed.replyTo).toMatchObject([{ name, address: 'editor@example.org' }]);
  });

  it('percent-encode an owner whose address has more than letters (RFC 6068)', () => {
    const owner = (replyTo: string) =>
      headerLines(listMail({}, { ...listHead, replyTo })).find((line) => line.startsWith('List-Owner'));

    expect(owner('jörg?x@example.org')).toBe('List-Owner: <mailto:j%C3%B6rg%3Fx@example.org>');
    expect(owner('post@bücher.example')).toBe('List-Owner: <mailto:post@xn--bcher-kva.example>');
  });

  it('name a list of an international domain in ASCII', () => {
    expect(headerLines(listMail({}, { ...listHead, fromAddress: 'jörg@bücher.example' }))).toContain(
      'List-Id: The Weekly <the-weekly.xn--bcher-kva.example>',
    );
  });

  it.each([
    'http://news.example.org/unsubscribe/x',
    'mailto:leave@example.org',
    'https://news.example.org/x>, <https://evil.example/',
    'https://news.example.org/x\r\nBcc: all@example.org',
    'https://news.example.org/\u00fc',
    `https://news.example.org/${'x'.repeat(900)}`,
    'javascript:alert(1)',
  ])('refuse %j as the unsubscribe URI', (unsubscribeUrl) => {
    expect(() => listMail({ unsubscribeUrl })).toThrow(expect.objectContaining({ code: 'header_invalid' }) as Error);
  });

  it('take plain http on this machine, where the local inbox is tried', () => {
    expect(headerLines(listMail({ unsubscribeUrl: 'http://localhost:3000/unsubscribe/x' }))).toContain(
      'List-Unsubscribe: <http://localhost:3000/unsubscribe/x>',
    );
  });
});

describe('header injection', () => {
  const INJECTIONS = ['a\r\nBcc: all@example.org', 'a\nb', 'a\rb', 'a\u0000b', 'a\u2028b', 'a\ud800b'];
  const invalid = expect.objectContaining({ kind: 'render', code: 'header_invalid' }) as Error;

  it.each(INJECTIONS)('is refused in every value of a variant: %j', (value) => {
    const attempts = [
      () => write({ subject: [value] }),
      () => write({ subject: [value, { field: 'subscriber.name', fallback: null, context: 'text' }] }),
      () => write({}, {}, { ...plainHead, fromName: value }),
      () => write({}, {}, { ...plainHead, fromAddress: `${value}@example.org` }),
      () => write({}, {}, { ...plainHead, replyTo: `${value}@example.org` }),
      () => listMail({}, { ...listHead, list: { name: value, slug: 'w' } }),
      () => listMail({}, { ...listHead, list: { name: 'W', slug: value } }),
      () => listMail({}, { ...listHead, archiveUrl: `https://example.org/${value}` }),
    ];

    for (const attempt of attempts) {
      expect(attempt).toThrow(invalid);
    }
  });

  it.each(INJECTIONS)('is refused in every value of a reader: %j', (value) => {
    const attempts = [
      () => write({}, { subjectPrefix: value }),
      () => write({}, { messageId: `<${value}@example.org>` }),
      () => write({}, { to: `${value}@example.org` }),
      () => listMail({ feedbackId: value }),
      () => listMail({ helpUrl: `https://example.org/${value}` }),
      () => listMail({ unsubscribeMailto: `mailto:${value}@example.org` }),
    ];

    for (const attempt of attempts) {
      expect(attempt).toThrow(invalid);
    }
  });

  it.each(INJECTIONS)('is made harmless in a name that stands in the subject: %j', async (value) => {
    const subject = ['Hello ', { field: 'subscriber.name', fallback: null, context: 'text' }] as const;
    const parsed = await parse(write({ subject }, { values: () => value }));

    expect(parsed.subject).toMatch(/^Hello a[\s\ufffd]/);
    expect(parsed.headers.map(({ key }) => key)).not.toContain('bcc');
  });

  it.each([
    'a@example.org, b@example.org',
    'a@b@example.org',
    '"a@evil.example"@example.org',
    '<a@example.org>',
    'a',
    `${'a'.repeat(1000)}@example.org`,
  ])('is refused as an address: %s', (to) => {
    expect(() => write({}, { to })).toThrow(invalid);
  });

  it('does not name the value in its error, which is logged', () => {
    expect(() => write({}, { to: 'ada@example.net\r\n' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('ada') as string }) as Error,
    );
  });

  it.each(['', '1@example.org', '<1>', '<1@example.org', '<ü@example.org>', '<1@example.org><2@example.org>'])(
    'is refused as a Message-ID: %j',
    (messageId) => {
      expect(() => write({}, { messageId })).toThrow(invalid);
    },
  );

  it('is refused as a date', () => {
    expect(() => write({}, { date: new Date(Number.NaN) })).toThrow(invalid);
  });
});
