import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRelayUrls } from '../../../../src/config/index.ts';
import { openSmtpSession } from '../../../../src/platform/smtp/index.ts';
import type { SmtpSession } from '../../../../src/platform/smtp/index.ts';
import { prepareMessage, writeMessage } from '../../../../src/rendering/index.ts';
import { parseEmailAddress } from '../../../../src/shared/email-address.ts';
import type { EmailAddress } from '../../../../src/shared/email-address.ts';
import { startSmtpSink } from '../../../support/smtp-sink.ts';
import type { SmtpSink } from '../../../support/smtp-sink.ts';

/** Legal by RFC 5321 and RFC 6531, and seen in the wild. */
const LEGAL = [
  'reader@example.org',
  'Reader.Of.News@Example.ORG',
  'reader+news@example.org',
  'reader+news+more=x@example.org',
  "o'neil@example.org",
  '!#$%&*+-/=?^_`{|}~@example.org',
  '0@example.org',
  '-@example.org',
  '_@example.org',
  'a@b.co',
  'reader@a.b.c.d.e.f.example.org',
  'reader@xn--bcher-kva.example',
  'reader@bücher.example',
  'reader@BÜCHER.example',
  'reader@faß.example',
  'reader@ｅｘａｍｐｌｅ.org',
  'reader@例子.公司',
  'jörg@example.org',
  'jörg@bücher.example',
  'jörg@xn--bcher-kva.example',
  'Mu\u0308ller@example.org',
  'δοκιμή@παράδειγμα.δοκιμή',
  'квиточка@пошта.укр',
  'संपर्क@डाटामेल.भारत',
  '用户@例子.公司',
  `${'a'.repeat(64)}@example.org`,
  `reader@${'a'.repeat(63)}.example.org`,
];

/** What every part of a mail system has read as something else at some time; most are refused, none may be changed. */
const ODD = [
  '"reader"@example.org',
  '"reader@evil.example"@example.org',
  '"a b"@example.org',
  'reader(comment)@example.org',
  'Reader <reader@example.org>',
  'reader@example.org, other@example.org',
  'reader@example.org;other@example.org',
  'reader@evil.example@example.org',
  'reader%evil.example@example.org',
  'evil.example!reader@example.org',
  '@relay.example:reader@example.org',
  'reader@[192.0.2.1]',
  'reader@[IPv6:2001:db8::1]',
  'reader@localhost',
  'reader@-ß.example.org',
  'reader@ß-.example.org',
  'reader@example.org>\r\nRCPT TO:<other@example.org',
  'reader@example.org> SIZE=1',
  'reader@example.org NOTIFY=NEVER',
  'reader\u0000@example.org',
  'reader\u202e@example.org',
  'reader@exam\u200bple.org',
  'reader@example\u3002org',
  '=?utf-8?q?reader?=@example.org',
  '=?utf-8?q?reader=40evil.example?=@example.org',
  '.reader@example.org',
  'reader.@example.org',
  'rea..der@example.org',
  'mailto:reader@example.org',
  '\u{1f600}@example.org',
];

const NEWS = prepareMessage({
  head: { fromName: 'The Weekly', fromAddress: 'news@courant.example', replyTo: null, list: null, archiveUrl: null },
  compiled: { subject: ['News'], html: ['<p>News</p>'], text: ['News'] },
});

let sink: SmtpSink;
let session: SmtpSession;

beforeAll(async () => {
  sink = await startSmtpSink();
  const [relay] = parseRelayUrls(sink.url);
  session = await openSmtpSession(relay ?? expect.unreachable());
});
afterAll(async () => {
  session.close();
  await sink.stop();
});

/** What the server read between the angle brackets, and whom the message itself names. */
async function mail(address: EmailAddress): Promise<{ readonly recipients: readonly string[]; readonly to: string }> {
  sink.clear();
  const { bytes } = writeMessage(NEWS, {
    messageId: '<1@courant.example>',
    date: new Date(0),
    to: address,
    values: () => undefined,
  });
  const transaction = session.begin({ from: 'news@courant.example', to: address, size: bytes.length });
  expect(await transaction.ready).toEqual({ kind: 'go' });
  expect(await transaction.write([bytes])).toBe(true);
  expect(await transaction.finish()).toMatchObject({ kind: 'accepted' });
  const [mail] = sink.mails;
  const unfolded = mail?.raw.toString('utf8').replaceAll(/\r\n(?=[ \t])/g, '') ?? '';
  const header = /^To: (?<to>.*)$/m.exec(unfolded)?.groups?.['to'] ?? '';
  const parsed = await PostalMime.parse(mail?.raw ?? Buffer.alloc(0));
  expect(parsed.to).toHaveLength(1);
  return { recipients: mail?.recipients ?? [], to: header.trim().replace(/^<(.*)>$/, '$1') };
}

describe('the recipient on the wire', () => {
  it.each(LEGAL)('is what is stored for %s (S13)', async (input) => {
    const address = parseEmailAddress(input)?.address;
    expect(address).toBeDefined();

    expect(await mail(address as EmailAddress)).toEqual({ recipients: [address], to: address });
  });

  it.each(ODD)('is what is stored for %j, or nothing is stored (S13)', async (input) => {
    const parsed = parseEmailAddress(input);

    const sent = parsed === undefined ? undefined : await mail(parsed.address);

    expect(sent).toEqual(parsed === undefined ? undefined : { recipients: [parsed.address], to: parsed.address });
  });

  it('is what is stored for whatever passes the validator (S13)', async () => {
    const letter = fc.constantFrom(
      ...Array.from('abzAZ09!#$%&\'*+-/=?^_`{|}~.üßΔж用д😀\u0308@"\\<>(),;: \t\r\n\u200d'),
    );
    const label = fc.string({ unit: fc.constantFrom(...Array.from('abzAZ09-üßж用.')), minLength: 1, maxLength: 12 });
    const input = fc
      .tuple(
        fc.string({ unit: letter, minLength: 1, maxLength: 20 }),
        label,
        fc.constantFrom('org', 'example', '公司', 'укр'),
      )
      .map(([local, domain, top]) => `${local}@${domain}.${top}`);
    let sentCount = 0;

    await fc.assert(
      fc.asyncProperty(input, async (text) => {
        const address = parseEmailAddress(text)?.address;
        const sent = address === undefined ? undefined : await mail(address);
        sentCount += Number(sent !== undefined);

        expect(sent).toEqual(address === undefined ? undefined : { recipients: [address], to: address });
      }),
      { numRuns: 3000 },
    );
    // A validator that refused everything would pass as well.
    expect(sentCount).toBeGreaterThan(100);
  });
});
