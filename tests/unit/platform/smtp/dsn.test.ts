import { afterEach, describe, expect, it } from 'vitest';
import { startScriptedRelay } from '../../../support/scripted-relay.ts';
import type { ScriptedRelay } from '../../../support/scripted-relay.ts';
import { envelopeTo, MESSAGE, openAt, writeAndFinish } from './speak.ts';

const NAME = '0123456789abcdef';

let relay: ScriptedRelay;
afterEach(() => relay.stop());

/** What MAIL and RCPT say. */
async function speak(offers: readonly string[], to: string, more: object = {}): Promise<readonly string[]> {
  relay = await startScriptedRelay({ offers });
  const session = await openAt(relay.url);
  const transaction = session.begin(envelopeTo(to, { reportAs: NAME, ...more }));
  expect(await transaction.ready).toEqual({ kind: 'go' });
  expect(await writeAndFinish(transaction)).toMatchObject({ kind: 'accepted' });
  session.destroy();
  return (relay.commands[0] ?? []).slice(1, 3).map((line) => Buffer.from(line, 'latin1').toString('utf8'));
}

describe('a report of what fails', () => {
  it.each([['PIPELINING'], []])('is asked for where the server offers DSN (R19)', async (...offers) => {
    expect(await speak([...offers, 'DSN', 'SIZE'], 'reader@example.org')).toEqual([
      `MAIL FROM:<news@courant.example> SIZE=${MESSAGE.length} RET=HDRS ENVID=${NAME}`,
      'RCPT TO:<reader@example.org> NOTIFY=FAILURE ORCPT=rfc822;reader@example.org',
    ]);
  });

  it('is not asked for where it does not, nor by a mail without a name (R19)', async () => {
    expect(await speak(['PIPELINING'], 'reader@example.org')).toEqual([
      'MAIL FROM:<news@courant.example>',
      'RCPT TO:<reader@example.org>',
    ]);
    await relay.stop();
    expect(await speak(['DSN'], 'reader@example.org', { reportAs: undefined })).toEqual([
      'MAIL FROM:<news@courant.example>',
      'RCPT TO:<reader@example.org>',
    ]);
  });

  it('names the recipient so that no sign in it separates anything (RFC 3461 4.2)', async () => {
    const [, recipient] = await speak(['DSN'], 'a+b=c@example.org');

    expect(recipient).toBe('RCPT TO:<a+b=c@example.org> NOTIFY=FAILURE ORCPT=rfc822;a+2Bb+3Dc@example.org');
  });

  it('names an international recipient in ASCII (RFC 6533)', async () => {
    const [sender, recipient] = await speak(['DSN', 'SMTPUTF8'], 'jörg+x@bücher.example');

    expect(sender).toBe(`MAIL FROM:<news@courant.example> SMTPUTF8 RET=HDRS ENVID=${NAME}`);
    expect(recipient).toBe(
      'RCPT TO:<jörg+x@bücher.example> NOTIFY=FAILURE ORCPT=utf-8;j\\x{F6}rg\\x{2B}x@b\\x{FC}cher.example',
    );
  });
});

describe('a header that only SMTPUTF8 can carry', () => {
  it('needs it although the envelope is ASCII', async () => {
    const [sender] = await speak(['SMTPUTF8'], 'reader@example.org', { needsSmtpUtf8: true });
    expect(sender).toBe('MAIL FROM:<news@courant.example> SMTPUTF8');

    await relay.stop();
    relay = await startScriptedRelay({ offers: ['PIPELINING'] });
    const session = await openAt(relay.url);
    const { ready } = session.begin(envelopeTo('reader@example.org', { needsSmtpUtf8: true }));
    expect(await ready).toEqual({ kind: 'unsendable', reason: 'needs_smtputf8' });
    session.destroy();
  });
});
