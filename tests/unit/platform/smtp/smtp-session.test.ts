import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSmtpSession, parseRelayUrl } from '../../../../src/platform/smtp/index.ts';
import type { SendHooks, SendResult, SmtpSession } from '../../../../src/platform/smtp/index.ts';
import { startScriptedRelay } from '../../../support/scripted-relay.ts';
import type { ScriptedRelay } from '../../../support/scripted-relay.ts';
import { waitFor } from '../../../support/wait-for.ts';

const WILLING: SendHooks = { beforeBody: () => Promise.resolve(true), beforeDot: () => Promise.resolve(true) };

let relay: ScriptedRelay;
let session: SmtpSession | undefined;

beforeEach(async () => {
  relay = await startScriptedRelay();
});

afterEach(async () => {
  session?.destroy();
  await relay.stop();
});

async function open(): Promise<SmtpSession> {
  session = await openSmtpSession(parseRelayUrl(relay.url));
  return session;
}

function send(to: string, hooks: Partial<SendHooks> = {}, bytes = 'Subject: x\r\n\r\nhello\r\n'): Promise<SendResult> {
  const message = { from: 'news@courant.example', to, bytes: Buffer.from(bytes) };
  return session?.send(message, { ...WILLING, ...hooks }) ?? Promise.reject(new Error('open it first'));
}

describe('openSmtpSession', () => {
  it('refuses a server that closes without a greeting', async () => {
    relay.script((line) => (line === 'connect' ? 'close' : undefined));

    await expect(open()).rejects.toThrow(/closed/);
  });

  it('stops waiting when it is told to', async () => {
    relay.script((line) => (line.startsWith('EHLO') ? 'silence' : undefined));
    const cut = new AbortController();
    const opening = openSmtpSession(parseRelayUrl(relay.url), cut.signal);
    await waitFor('the EHLO', () => relay.commands[0]?.[0]);

    cut.abort();

    await expect(opening).rejects.toThrow(/gave up/);
  });
});

describe('SmtpSession', () => {
  it('gives up a connection on which the server waits for the rest of a message', async () => {
    await open();
    const failing = [
      await send('a@readers.example', { beforeDot: () => Promise.reject(new Error('the database is away')) }),
      session?.isOpen,
    ];
    await open();
    failing.push(
      await send('b@readers.example', { beforeBody: () => Promise.reject(new Error('the database is away')) }),
      session?.isOpen,
    );

    expect(failing).toMatchObject([
      { kind: 'broken', phase: 'before-dot' },
      false,
      { kind: 'broken', phase: 'before-dot' },
      false,
    ]);
    expect(relay.messages).toEqual([]);
  });

  it('gives up the connection when the server refuses in the middle of a message', async () => {
    await open();
    const refused = Promise.withResolvers<boolean>();
    relay.script((line) => (line === 'DATA' ? '354 go on\r\n552 5.3.4 that is enough' : undefined));

    const result = await send('a@readers.example', { beforeDot: () => refused.promise });
    refused.resolve(true);

    expect(result).toMatchObject({ kind: 'refused', reply: { code: 552 } });
    expect(session?.isOpen).toBe(false);
    expect(relay.messages).toEqual([]);
  });

  it('ends the transaction of a refused recipient before the next one begins', async () => {
    await open();
    relay.script((line) => (line.startsWith('RCPT TO:<gone@') ? '550 5.1.1 unknown' : undefined));

    expect(await send('gone@readers.example')).toMatchObject({ kind: 'refused', stage: 'rcpt' });
    expect(await send('here@readers.example')).toMatchObject({ kind: 'accepted' });

    expect(relay.commands[0]?.slice(1).map((line) => line.split(/[ :]/, 1)[0])).toEqual([
      'MAIL',
      'RCPT',
      'RSET',
      'MAIL',
      'RCPT',
      'DATA',
    ]);
  });

  it('tells a break before the server knew the envelope from one in the message', async () => {
    await open();
    relay.script((line) => (line.startsWith('MAIL') ? 'close' : undefined));

    expect(await send('a@readers.example')).toMatchObject({ kind: 'broken', phase: 'envelope' });
    expect(await send('a@readers.example')).toMatchObject({ kind: 'broken', phase: 'connect' });
  });

  it('says of a message that the server would not take by its size that it cannot be sent', async () => {
    await open();

    const result = await send('a@readers.example', {}, `Subject: x\r\n\r\n${'long '.repeat(30_000)}\r\n`);

    expect(result).toEqual({ kind: 'unsendable', reason: 'message_too_large' });
    expect(await send('a@readers.example')).toMatchObject({ kind: 'accepted' });
  });

  it.each(['用户@readers.example', 'reader@bücher.example'])(
    'offers %s only to a server that announces SMTPUTF8, and says so otherwise (R9)',
    async (address) => {
      await open();
      expect(await send(address)).toEqual({ kind: 'unsendable', reason: 'needs_smtputf8' });
      expect(relay.commands[0]?.filter((line) => line.startsWith('RCPT'))).toEqual([]);
      expect(await send('a@readers.example')).toMatchObject({ kind: 'accepted' });

      relay.script((line) => (line.startsWith('EHLO') ? '250-relay.test\r\n250 SMTPUTF8' : undefined));
      await open();
      expect(await send(address)).toMatchObject({ kind: 'accepted' });
      const octets = relay.commands[1]?.slice(1, 3).map((line) => Buffer.from(line, 'latin1').toString('utf8'));
      expect(octets).toEqual(['MAIL FROM:<news@courant.example> SMTPUTF8', `RCPT TO:<${address}>`]);
    },
  );
});
