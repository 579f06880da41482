import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { composeMessage } from '../../../../src/platform/smtp/index.ts';
import type { MessageInput } from '../../../../src/platform/smtp/index.ts';

const UNSUBSCRIBE = 'https://news.example.org/unsubscribe/AAAAAAAqAgOXm1vR0c2Y8tq4JwK3nZ1x';

function message(changes: Partial<MessageInput> = {}): MessageInput {
  return {
    messageId: '<c7.d42@news.example.org>',
    date: new Date('2026-11-23T08:00:00Z'),
    from: { name: 'The Weekly', address: 'news@example.org' },
    to: { address: 'ada@example.net' },
    subject: 'Monday',
    html: '<p>Hello</p>',
    text: 'Hello\n',
    ...changes,
  };
}

const listMail: Partial<MessageInput> = {
  listHeaders: {
    id: { phrase: 'The Weekly', host: 'the-weekly.example.org' },
    unsubscribeUrl: UNSUBSCRIBE,
    owner: 'mailto:editor@example.org',
    archive: 'https://news.example.org/archive',
  },
  autoSubmitted: 'auto-generated',
  precedence: 'bulk',
  feedbackId: '7:the-weekly:campaign:courant',
};

async function compose(changes: Partial<MessageInput> = {}): Promise<string> {
  return (await composeMessage(message(changes))).toString('latin1');
}

describe('composeMessage', () => {
  it('gives the same bytes for the same input', async () => {
    const first = await composeMessage(message(listMail));
    const second = await composeMessage(message(listMail));

    expect(second.equals(first)).toBe(true);
  });

  it('puts text before HTML in one multipart/alternative, both quoted-printable', async () => {
    const bytes = await compose({ text: 'Grüße\n', html: '<p>Grüße</p>' });

    expect(bytes.match(/^Content-Type: .*$/gm)).toEqual([
      'Content-Type: multipart/alternative;',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Type: text/html; charset=utf-8',
    ]);
    expect(bytes.match(/^Content-Transfer-Encoding: quoted-printable$/gm)).toHaveLength(2);
  });

  it('keeps date and message id as they were given', async () => {
    const bytes = await compose();

    expect(bytes).toContain('\r\nDate: Mon, 23 Nov 2026 08:00:00 +0000\r\n');
    expect(bytes).toContain('\r\nMessage-ID: <c7.d42@news.example.org>\r\n');
  });

  it('ends every line with CRLF and keeps all of them short, whatever the parts look like', async () => {
    const bytes = await compose({
      ...listMail,
      html: `<p>${'x'.repeat(5000)}</p>\n.\n${'é'.repeat(3000)}`,
      text: `a\rb\nc\r\nd\n\n.\n..\n. dot${' word'.repeat(500)}`,
    });
    const lines = bytes.split('\r\n');
    const body = lines.slice(lines.indexOf(''));

    expect(bytes).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(Math.max(...body.map((line) => line.length))).toBeLessThanOrEqual(78);
  });

  it('brings lines that begin with dots through unchanged', async () => {
    const text = '.\n..\n.hidden\nFrom here';
    const parsed = await PostalMime.parse(await composeMessage(message({ text })));

    expect(parsed.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(text);
  });

  it('encodes and folds subjects and names that are long or not ASCII', async () => {
    const name = 'Die Wöchentliche "Zeitung", ein langer Name, der auf keine Zeile passt, 毎週の新聞';
    const subject = `Grüße 🗞 ${'und noch ein Wort '.repeat(12)}`.trim();
    const bytes = await composeMessage(message({ from: { name, address: 'news@example.org' }, subject }));
    const parsed = await PostalMime.parse(bytes);
    const head = bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';

    expect(parsed.subject).toBe(subject);
    expect(parsed.from).toMatchObject({ name, address: 'news@example.org' });
    // All of ASCII, controls included.
    // oxlint-disable-next-line no-control-regex
    expect(head).toMatch(/^[\u0000-\u007f]*$/);
    expect(Math.max(...head.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
  });

  it('folds a long ASCII name without changing it', async () => {
    const name = `The ${'Very Long '.repeat(15)}Weekly, with a comma`;
    const parsed = await PostalMime.parse(await composeMessage(message({ from: { name, address: 'n@example.org' } })));

    expect(parsed.from?.name).toBe(name);
  });

  it('keeps the local part of an address as it was given', async () => {
    expect(await compose({ to: { address: 'Ada.Okafor+news@example.net' } })).toContain(
      '\r\nTo: Ada.Okafor+news@example.net\r\n',
    );
  });
});

describe('the headers of list mail', () => {
  it('hold one one-click unsubscribe URI and its Post header', async () => {
    const bytes = await compose(listMail);

    expect(bytes.match(/^List-Unsubscribe: .*$/gm)).toEqual([`List-Unsubscribe: <${UNSUBSCRIBE}>`]);
    expect(bytes.match(/^List-Unsubscribe-Post: .*$/gm)).toEqual(['List-Unsubscribe-Post: List-Unsubscribe=One-Click']);
  });

  it('may name a mailto after the https URI', async () => {
    const unsubscribeMailto = 'mailto:leave@example.org?subject=x';
    const listHeaders = { id: { phrase: 'W', host: 'w.example.org' }, unsubscribeUrl: UNSUBSCRIBE, unsubscribeMailto };

    expect(await compose({ listHeaders })).toContain(
      `\r\nList-Unsubscribe: <${UNSUBSCRIBE}>,\r\n <${unsubscribeMailto}>\r\n`,
    );
  });

  it('say which list it is and that no person wrote it', async () => {
    const bytes = (await compose(listMail)).replaceAll('\r\n ', ' ');

    expect(bytes).toMatch(/^List-Id: "The Weekly" <the-weekly\.example\.org>\r$/im);
    expect(bytes).toContain('\r\nList-Owner: <mailto:editor@example.org>\r\n');
    expect(bytes).toContain('\r\nList-Archive: <https://news.example.org/archive>\r\n');
    expect(bytes).toContain('\r\nAuto-Submitted: auto-generated\r\n');
    expect(bytes).toContain('\r\nPrecedence: bulk\r\n');
    expect(bytes).toContain('\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n');
    expect(bytes).toContain('\r\nFeedback-ID: 7:the-weekly:campaign:courant\r\n');
  });

  it('encode a name that is not ASCII', async () => {
    const listHeaders = { id: { phrase: 'Wöchentliche "W"', host: 'w.example.org' }, unsubscribeUrl: UNSUBSCRIBE };
    const parsed = await PostalMime.parse(await composeMessage(message({ listHeaders })));

    expect(parsed.headers.find((header) => header.key === 'list-id')?.value).toContain('<w.example.org>');
  });

  it('are absent from a confirmation', async () => {
    expect(await compose({ autoSubmitted: 'auto-generated' })).not.toMatch(/^(?:List-|Precedence)/m);
  });

  it.each([
    'http://news.example.org/unsubscribe/x',
    'mailto:leave@example.org',
    'https://news.example.org/x>, <https://evil.example/',
    'https://news.example.org/x\r\nBcc: all@example.org',
    'javascript:alert(1)',
  ])('refuse %j as the unsubscribe URI', async (unsubscribeUrl) => {
    const listHeaders = { id: { phrase: 'W', host: 'w.example.org' }, unsubscribeUrl };

    await expect(compose({ listHeaders })).rejects.toMatchObject({ code: 'header_invalid' });
  });

  it('take plain http on this machine, where the local inbox is tried', async () => {
    const listHeaders = {
      id: { phrase: 'W', host: 'w.localhost' },
      unsubscribeUrl: 'http://localhost:3000/unsubscribe/x',
    };

    expect(await compose({ listHeaders })).toContain('<http://localhost:3000/unsubscribe/x>');
  });
});

describe('header injection', () => {
  const INJECTIONS = ['a\r\nBcc: all@example.org', 'a\nb', 'a\rb', 'a\u0000b', 'a\u2028b', 'a\ud800b'];

  it.each(INJECTIONS)('is refused in every value a caller can set: %j', async (value) => {
    const attempts: Partial<MessageInput>[] = [
      { subject: value },
      { messageId: `<${value}@example.org>` },
      { from: { name: value, address: 'n@example.org' } },
      { replyTo: { name: value, address: 'n@example.org' } },
      { to: { name: value, address: 'n@example.org' } },
      { to: { address: `${value}@example.org` } },
      { feedbackId: value },
      { extraHeaders: { 'X-Test': value } },
      { listHeaders: { id: { phrase: value, host: 'w.example.org' }, unsubscribeUrl: UNSUBSCRIBE } },
    ];

    for (const attempt of attempts) {
      await expect(compose(attempt)).rejects.toMatchObject({ kind: 'render', code: 'header_invalid' });
    }
  });

  it.each(['a@example.org, b@example.org', 'a@b@example.org', '"a@evil.example"@example.org', '<a@example.org>', 'a'])(
    'is refused as an address: %s',
    async (address) => {
      await expect(compose({ to: { address } })).rejects.toMatchObject({ code: 'header_invalid' });
    },
  );

  it.each(['Bcc', 'Content-Type', 'List-Unsubscribe', 'X Y', 'X:Y'])(
    'is refused as an extra header: %s',
    async (name) => {
      await expect(compose({ extraHeaders: { [name]: 'x' } })).rejects.toMatchObject({ code: 'header_invalid' });
    },
  );

  it('does not name the value in its error, which is logged', async () => {
    await expect(compose({ to: { address: 'ada@example.net\r\n' } })).rejects.toMatchObject({
      message: expect.not.stringContaining('ada') as string,
    });
  });
});
