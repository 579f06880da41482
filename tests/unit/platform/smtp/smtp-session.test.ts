import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SmtpSession } from '../../../../src/platform/smtp/index.ts';
import { startScriptedRelay } from '../../../support/scripted-relay.ts';
import type { RelayScript, ScriptedRelay } from '../../../support/scripted-relay.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { deliver, envelopeTo, MESSAGE, openAt, verbsOf, writeAndFinish } from './speak.ts';

const READERS = ['a@readers.example', 'b@readers.example', 'c@readers.example'] as const;
const refuseGone: RelayScript = (line) => (line.startsWith('RCPT TO:<gone@') ? '550 5.1.1 unknown' : undefined);

describe.each([
  { name: 'with PIPELINING', offers: ['PIPELINING', 'SIZE 100000'] },
  { name: 'without PIPELINING', offers: ['SIZE 100000'] },
])('SmtpSession $name', ({ offers }) => {
  let relay: ScriptedRelay;
  let session: SmtpSession;

  beforeEach(async () => {
    relay = await startScriptedRelay({ offers });
    session = await openAt(relay.url);
  });

  afterEach(async () => {
    session.destroy();
    await relay.stop();
  });

  it('sends one message after the other over one connection', async () => {
    for (const reader of READERS) {
      expect(await deliver(session, reader)).toEqual({
        kind: 'accepted',
        reply: { code: 250, enhancedCode: undefined, text: '250 ok' },
      });
    }

    expect(relay.messages).toEqual([MESSAGE, MESSAGE, MESSAGE]);
    expect(relay.commands).toHaveLength(1);
    expect(relay.commands[0]?.slice(1, 4)).toEqual([
      `MAIL FROM:<news@courant.example> SIZE=${MESSAGE.length}`,
      `RCPT TO:<${READERS[0]}>`,
      'DATA',
    ]);
  });

  it('takes the next envelope while the reply to the dot is on its way', async () => {
    const held = Promise.withResolvers<void>();
    relay.script((line) => (line === '.' ? { reply: '250 2.0.0 taken', after: held.promise } : undefined));
    const first = session.begin(envelopeTo(READERS[0]));
    await first.ready;
    await first.write([Buffer.from(MESSAGE)]);

    const verdict = first.finish();
    const second = session.begin(envelopeTo(READERS[1]));
    await waitFor('the dot', () => relay.messages.length === 1);
    expect([first.isDotReleased, second.isDotReleased]).toEqual([true, false]);
    held.resolve();

    expect(await verdict).toMatchObject({ kind: 'accepted', reply: { text: '250 2.0.0 taken' } });
    expect(await second.ready).toEqual({ kind: 'go' });
    expect(await writeAndFinish(second)).toMatchObject({ kind: 'accepted' });
    expect(relay.messages).toHaveLength(2);
  });

  it('refuses to begin before the message before is finished', async () => {
    const first = session.begin(envelopeTo(READERS[0]));
    await first.ready;

    expect(() => session.begin(envelopeTo(READERS[1]))).toThrow('finish the message before');
  });

  it('writes a message in parts, and lets the buffers go', async () => {
    const transaction = session.begin(envelopeTo(READERS[0]));
    await transaction.ready;
    const buffer = Buffer.from('Subject: x\r\n\r\n');
    expect(await transaction.write([buffer, Buffer.from('.one\r\n')])).toBe(true);
    buffer.fill('-');
    expect(await transaction.write([Buffer.from('.two'), Buffer.from('\r\n.'), Buffer.from('three')])).toBe(true);

    expect(await transaction.finish()).toMatchObject({ kind: 'accepted' });

    expect(relay.messages).toEqual(['Subject: x\r\n\r\n..one\r\n..two\r\n..three\r\n']);
  });

  it('ends the transaction of a refused recipient before the next one begins (RFC 5321 4.1.4)', async () => {
    relay.script((line, connection) =>
      line === 'DATA' && !relay.commands[connection - 1]?.at(-2)?.startsWith('RCPT TO:<here@')
        ? '554 5.5.1 no valid recipients'
        : refuseGone(line, connection),
    );

    expect(await deliver(session, 'gone@readers.example')).toMatchObject({
      kind: 'refused',
      stage: 'rcpt',
      reply: { code: 550, enhancedCode: '5.1.1' },
    });
    expect(await deliver(session, 'here@readers.example')).toMatchObject({ kind: 'accepted' });

    const isPipelined = offers.includes('PIPELINING');
    expect(verbsOf(relay.commands[0])).toEqual([
      'EHLO',
      'MAIL',
      'RCPT',
      ...(isPipelined ? ['DATA'] : []),
      'RSET',
      'MAIL',
      'RCPT',
      'DATA',
    ]);
  });

  it('needs no RSET after a refused sender or a refused message', async () => {
    const refusals = new Map([
      ['MAIL', '451 4.3.0 later'],
      ['.', '554 5.7.1 spam'],
    ]);
    relay.script((line) => {
      const verb = verbsOf([line])[0] ?? '';
      const answer = refusals.get(verb);
      refusals.delete(verb);
      return (
        answer ??
        (line === 'DATA' && relay.commands[0]?.length === 4 && refusals.size === 1 ? '503 5.5.1 MAIL first' : undefined)
      );
    });

    expect(await deliver(session, READERS[0])).toMatchObject({ kind: 'refused', stage: 'mail', reply: { code: 451 } });
    expect(await deliver(session, READERS[1])).toMatchObject({
      kind: 'refused',
      stage: 'message',
      reply: { code: 554 },
    });
    expect(await deliver(session, READERS[2])).toMatchObject({ kind: 'accepted' });

    expect(relay.commands[0]).not.toContain('RSET');
    expect(session.isOpen).toBe(true);
  });

  it('goes on after a refused DATA', async () => {
    let refusals = 1;
    relay.script((line) => (line === 'DATA' && refusals-- > 0 ? '451 4.3.1 disk full' : undefined));

    expect(await deliver(session, READERS[0])).toMatchObject({ kind: 'refused', stage: 'data', reply: { code: 451 } });
    expect(await deliver(session, READERS[1])).toMatchObject({ kind: 'accepted' });

    expect(relay.commands[0]).toContain('RSET');
  });

  it('gives up a server that does not end a transaction; the next reader pays nothing', async () => {
    relay.script((line, connection) => (line === 'RSET' ? '500 5.5.1 what' : refuseGone(line, connection)));
    await deliver(session, 'gone@readers.example');

    const next = offers.includes('PIPELINING') ? 'gone@readers.example' : READERS[0];
    if (offers.includes('PIPELINING')) {
      // The polite answer to DATA was 354: the empty message ended that transaction. One that is refused leaves it open.
      relay.script((line, connection) =>
        line === 'RSET' ? '500 5.5.1 what' : line === 'DATA' ? '554 5.5.1 nobody' : refuseGone(line, connection),
      );
      await deliver(session, next);
    }

    expect(await deliver(session, READERS[1])).toMatchObject({ kind: 'broken', phase: 'connect' });
    expect(session.isOpen).toBe(false);
    expect(relay.messages.join('')).toBe('');
  });

  it('says QUIT when nothing is under way, and not before', async () => {
    const transaction = session.begin(envelopeTo(READERS[0]));
    await transaction.ready;

    session.close();
    expect(session.isOpen).toBe(false);
    expect(await deliver(session, READERS[1])).toMatchObject({ kind: 'broken', phase: 'connect' });
    expect(await writeAndFinish(transaction)).toMatchObject({ kind: 'accepted' });

    await waitFor('the QUIT', () => relay.commands[0]?.at(-1) === 'QUIT');
    expect(relay.messages).toEqual([MESSAGE]);
  });

  it('closes by itself after as many messages as the relay wants on one connection', async () => {
    const limited = await openAt(`${relay.url}?messages=2`);
    const first = limited.begin(envelopeTo(READERS[0]));
    await first.ready;
    await first.write([Buffer.from(MESSAGE)]);
    const verdict = first.finish();
    expect(limited.isOpen).toBe(true);
    const second = limited.begin(envelopeTo(READERS[1]));
    expect(limited.isOpen).toBe(false);
    expect(await verdict).toMatchObject({ kind: 'accepted' });
    await second.ready;

    expect(await writeAndFinish(second)).toMatchObject({ kind: 'accepted' });

    expect(await deliver(limited, READERS[2])).toMatchObject({ kind: 'broken', phase: 'connect' });
    await waitFor('the QUIT', () => relay.commands[1]?.at(-1) === 'QUIT');
    expect(relay.messages).toHaveLength(2);
  });

  it('leaves the server without a message when it is destroyed before the dot', async () => {
    const transaction = session.begin(envelopeTo(READERS[0]));
    await transaction.ready;
    await transaction.write([Buffer.from(MESSAGE)]);

    session.destroy();

    expect(transaction.isDotReleased).toBe(false);
    expect(await transaction.write([Buffer.from(MESSAGE)])).toBe(false);
    expect(await transaction.finish()).toMatchObject({ kind: 'broken', phase: 'before-dot' });
    expect(relay.messages).toEqual([]);
  });

  it('calls it unknown when it is destroyed after the dot, and tells the envelope behind that it was not read', async () => {
    relay.script((line) => (line === '.' ? { reply: '250 ok', after: new Promise(() => undefined) } : undefined));
    const first = session.begin(envelopeTo(READERS[0]));
    await first.ready;
    await first.write([Buffer.from(MESSAGE)]);
    const verdict = first.finish();
    const second = session.begin(envelopeTo(READERS[1]));
    await waitFor('the dot', () => relay.messages.length === 1);

    session.destroy();

    expect(await verdict).toMatchObject({ kind: 'broken', phase: 'after-dot' });
    expect(await second.ready).toMatchObject({ kind: 'broken', phase: 'connect' });
    expect(await second.finish()).toMatchObject({ kind: 'broken', phase: 'before-dot' });
  });
});

describe('with PIPELINING', () => {
  it('dot and next envelope leave in one write (RFC 2920)', async () => {
    const relay = await startScriptedRelay({ offers: ['PIPELINING'] });
    const session = await openAt(relay.url);
    const transaction = session.begin(envelopeTo(READERS[0]));
    await transaction.ready;
    await transaction.write([Buffer.from(MESSAGE)]);
    await waitFor('the text', () => relay.packets[0]?.at(-1)?.endsWith(MESSAGE));

    const verdict = transaction.finish();
    const next = session.begin(envelopeTo(READERS[1]));

    expect([await verdict, await next.ready]).toMatchObject([{ kind: 'accepted' }, { kind: 'go' }]);
    expect(relay.packets[0]?.slice(1)).toEqual([
      `MAIL FROM:<news@courant.example>\r\nRCPT TO:<${READERS[0]}>\r\nDATA\r\n`,
      MESSAGE,
      `.\r\nMAIL FROM:<news@courant.example>\r\nRCPT TO:<${READERS[1]}>\r\nDATA\r\n`,
    ]);
    session.destroy();
    await relay.stop();
  });
});
