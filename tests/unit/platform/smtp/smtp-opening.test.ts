import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SmtpSession } from '../../../../src/platform/smtp/index.ts';
import { makeCertificate } from '../../../support/certificate.ts';
import { startScriptedRelay } from '../../../support/scripted-relay.ts';
import type { RelayOptions, ScriptedRelay } from '../../../support/scripted-relay.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { deliver, envelopeTo, openAt, verbsOf } from './speak.ts';

const READER = 'a@readers.example';

let certificate: { readonly key: string; readonly cert: string };
let relay: ScriptedRelay;
let session: SmtpSession | undefined;

beforeAll(async () => {
  certificate = await makeCertificate('127.0.0.1');
});

afterEach(async () => {
  session?.destroy();
  session = undefined;
  await relay.stop();
});

async function start(options: RelayOptions = {}): Promise<void> {
  relay = await startScriptedRelay(options);
}

async function open(parameters = '', credentials = ''): Promise<SmtpSession> {
  session = await openAt(`smtp://${credentials}127.0.0.1:${relay.port}${parameters}`);
  return session;
}

describe('openSmtpSession', () => {
  it('refuses a server that closes without a greeting', async () => {
    await start({ script: (line) => (line === 'connect' ? 'close' : undefined) });

    await expect(open()).rejects.toThrow(/closed/);
  });

  it.each(['connect', 'EHLO'])('stops waiting at %s when it is told to', async (line) => {
    await start({ script: (said) => (said.startsWith(line) ? 'silence' : undefined) });
    const cut = new AbortController();
    const opening = openAt(relay.url, { cut: cut.signal });
    await waitFor('the connection', () => relay.commands[0]);

    cut.abort();

    await expect(opening).rejects.toThrow(/gave up/);
    await expect(openAt(relay.url, { cut: cut.signal })).rejects.toThrow(/gave up/);
  });

  it('stops waiting after its time', async () => {
    await start({ script: (line) => (line.startsWith('EHLO') ? 'silence' : undefined) });

    await expect(openAt(relay.url, { timeouts: { openMs: 100 } })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('says hello with the name it is given', async () => {
    await start();

    await open('?name=news.example.org');

    expect(relay.commands[0]).toEqual(['EHLO news.example.org']);
  });

  it('knows what the server offers', async () => {
    await start({ offers: ['PIPELINING', 'size 1000', '8BITMIME', 'SMTPUTF8', 'DSN'] });
    expect((await open()).features).toEqual({
      pipelining: true,
      eightBitMime: true,
      smtpUtf8: true,
      dsn: true,
      size: 1000,
    });
    await relay.stop();

    await start({ offers: ['XPIPELINING', 'SIZE'] });
    expect((await open()).features).toEqual({
      pipelining: false,
      eightBitMime: false,
      smtpUtf8: false,
      dsn: false,
      size: 0,
    });
    await relay.stop();

    await start({ script: (line) => (line.startsWith('EHLO') ? '502 5.5.1 what' : undefined) });
    expect((await open()).features).toMatchObject({ pipelining: false, size: undefined });
    expect(await deliver(await open(), READER)).toMatchObject({ kind: 'accepted' });
    expect(relay.commands[0]?.[1]).toMatch(/^HELO /);
  });

  it('speaks through STARTTLS, trusts only what the server offers within it, and logs in there', async () => {
    await start({
      tls: certificate,
      offers: ['STARTTLS', 'PIPELINING', 'AUTH PLAIN'],
      script: (line, connection) =>
        line.startsWith('EHLO') && relay.commands[connection - 1]?.includes('STARTTLS')
          ? '250-relay.test\r\n250-AUTH PLAIN\r\n250 SIZE 5000'
          : undefined,
    });
    await expect(open('?tls=required', 'me:secret@')).rejects.toThrow(/self-signed/);

    const authorities = getCACertificates();
    setDefaultCACertificates([...authorities, certificate.cert]);
    try {
      const opened = await open('?tls=required', 'me:secret@');
      expect(opened.features).toMatchObject({ pipelining: false, size: 5000 });
      expect(await deliver(opened, READER)).toMatchObject({ kind: 'accepted' });
      expect(await deliver(opened, READER)).toMatchObject({ kind: 'accepted' });
    } finally {
      setDefaultCACertificates(authorities);
    }

    expect(verbsOf(relay.commands[1])).toEqual([
      'EHLO',
      'STARTTLS',
      'EHLO',
      'AUTH',
      'MAIL',
      'RCPT',
      'DATA',
      'MAIL',
      'RCPT',
      'DATA',
    ]);
    expect(Buffer.from(relay.commands[1]?.[3]?.split(' ')[2] ?? '', 'base64').toString()).toBe('\0me\0secret');
  });

  it('does not go on in clear text where TLS is required', async () => {
    await start({ offers: ['AUTH PLAIN'], script: (line) => (line === 'STARTTLS' ? '502 5.5.1 what' : undefined) });

    await expect(open('?tls=required', 'me:secret@')).rejects.toMatchObject({ responseCode: 502 });

    expect(relay.commands[0]?.join()).not.toContain('AUTH');
  });

  it('says that the login was refused', async () => {
    await start({ offers: ['AUTH PLAIN'], script: (line) => (line.startsWith('AUTH') ? '535 5.7.8 no' : undefined) });

    await expect(open('', 'me:wrong@')).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
  });

  it('does not believe an answer that came before the question', async () => {
    await start({ script: (line) => (line.startsWith('EHLO') ? '250 relay.test\r\n250 taken' : undefined) });
    const opened = await open();

    expect(await deliver(opened, READER)).not.toMatchObject({ kind: 'accepted' });

    expect(relay.messages).toEqual([]);
  });
});

describe('an envelope', () => {
  it.each(['用户@readers.example', 'reader@bücher.example'])(
    'of %s is offered only to a server that announces SMTPUTF8 (R9)',
    async (address) => {
      await start({ offers: ['PIPELINING'] });
      expect(await deliver(await open(), address)).toEqual({ kind: 'unsendable', reason: 'needs_smtputf8' });
      expect(relay.commands[0]?.filter((line) => line.startsWith('RCPT'))).toEqual([]);
      expect(session && (await deliver(session, READER))).toMatchObject({ kind: 'accepted' });
      await relay.stop();

      await start({ offers: ['SMTPUTF8'] });
      expect(await deliver(await open(), address)).toMatchObject({ kind: 'accepted' });
      const octets = relay.commands[0]?.slice(1, 3).map((line) => Buffer.from(line, 'latin1').toString('utf8'));
      expect(octets).toEqual(['MAIL FROM:<news@courant.example> SMTPUTF8', `RCPT TO:<${address}>`]);
    },
  );

  it('of an ASCII address needs no SMTPUTF8 and says none', async () => {
    await start({ offers: ['SMTPUTF8', '8BITMIME'] });

    await deliver(await open(), 'reader@xn--bcher-kva.example');

    expect(relay.commands[0]?.[1]).toBe('MAIL FROM:<news@courant.example>');
  });

  it('larger than the server announced is not offered to it', async () => {
    await start({ offers: ['SIZE 1000'] });

    expect(await deliver(await open(), READER, 'x'.repeat(1001))).toEqual({
      kind: 'unsendable',
      reason: 'message_too_large',
    });
    expect(session && (await deliver(session, READER, 'x'.repeat(1000)))).toMatchObject({ kind: 'accepted' });
    expect(verbsOf(relay.commands[0])).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA']);
  });

  it('of eight-bit text says so, and goes to no server that does not take it', async () => {
    await start({ offers: ['8BITMIME'] });
    const opened = await open();
    await opened.begin(envelopeTo(READER, { isEightBit: true })).ready;
    expect(relay.commands[0]?.[1]).toBe('MAIL FROM:<news@courant.example> BODY=8BITMIME');
    opened.destroy();
    await relay.stop();

    await start();
    expect(await (await open()).begin(envelopeTo(READER, { isEightBit: true })).ready).toEqual({
      kind: 'unsendable',
      reason: 'needs_8bitmime',
    });
  });

  it.each([
    '',
    'a\r\nRCPT TO:<b@evil.example',
    'a@readers.example> NOTIFY=NEVER',
    'a b@readers.example',
    '<a@b',
    'a\0@b',
    'a\n@b',
  ])('to %j is not offered to anybody (S13)', async (address) => {
    await start({ offers: ['SMTPUTF8'] });

    const asRecipient = await deliver(await open(), address);
    const asSender = await (await open()).begin(envelopeTo(READER, { from: address === '' ? '<' : address })).ready;

    expect([asRecipient, asSender]).toEqual(
      Array.from({ length: 2 }, () => ({ kind: 'unsendable', reason: 'envelope_invalid' })),
    );
    expect(relay.commands.flatMap((lines) => verbsOf(lines))).toEqual(['EHLO', 'EHLO']);
  });
});
