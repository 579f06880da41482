import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SmtpSession } from '../../../../src/platform/smtp/index.ts';
import { startScriptedRelay } from '../../../support/scripted-relay.ts';
import type { RelayAnswer, ScriptedRelay } from '../../../support/scripted-relay.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { deliver, envelopeTo, MESSAGE, openAt, verbsOf, writeAndFinish } from './speak.ts';

const READER = 'a@readers.example';
const FOREVER = new Promise<never>(() => undefined);
const HUNG: RelayAnswer = { reply: '', after: FOREVER };
const SOON = { commandMs: 80, dataMs: 80, blockMs: 80, dotMs: 80 };

let relay: ScriptedRelay;
let session: SmtpSession | undefined;

beforeEach(async () => {
  relay = await startScriptedRelay({ offers: ['PIPELINING', 'SIZE 100000'] });
});

afterEach(async () => {
  session?.destroy();
  await relay.stop();
});

async function open(timeouts = {}): Promise<SmtpSession> {
  session = await openAt(relay.url, { timeouts });
  return session;
}

/** The relay gives this answer to the first line that begins so. */
function answerOnce(beginning: string, answer: RelayAnswer): void {
  let isDue = true;
  relay.script((line) => {
    if (!isDue || !line.startsWith(beginning)) {
      return undefined;
    }
    isDue = false;
    return answer;
  });
}

describe('a server that', () => {
  it('takes DATA for a refused recipient gets an empty message for nobody, and the session goes on (RFC 2920 3.1)', async () => {
    answerOnce('RCPT', '550 5.1.1 unknown');

    expect(await deliver(await open(), READER)).toMatchObject({ kind: 'refused', stage: 'rcpt', reply: { code: 550 } });
    expect(session && (await deliver(session, 'b@readers.example'))).toMatchObject({ kind: 'accepted' });

    expect(relay.messages).toEqual(['', MESSAGE]);
    expect(verbsOf(relay.commands.at(-1))).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'MAIL', 'RCPT', 'DATA']);
  });

  it('takes DATA though it refused the sender gets nothing at all', async () => {
    answerOnce('MAIL', '550 5.7.1 not you');

    expect(await deliver(await open(), READER)).toMatchObject({ kind: 'refused', stage: 'mail', reply: { code: 550 } });

    expect(session?.isOpen).toBe(false);
    expect(relay.messages).toEqual([]);
  });

  it.each([
    ['MAIL', '421 4.3.2 shutting down', 'mail'],
    ['RCPT', '421 4.3.2 shutting down', 'rcpt'],
    ['DATA', '421 4.3.2 shutting down', 'data'],
    ['.', '421 4.3.2 shutting down', 'message'],
  ])('says 421 to %s refuses that, and the connection is over', async (line, answer, stage) => {
    answerOnce(line, answer);

    expect(await deliver(await open(), READER)).toMatchObject({ kind: 'refused', stage, reply: { code: 421 } });

    expect(session?.isOpen).toBe(false);
  });

  it('says 421 to nobody in particular ends the session', async () => {
    const opened = await open();
    relay.script((line) => (line === '.' ? '250 2.0.0 taken\r\n421 4.4.2 too long idle' : undefined));

    expect(await deliver(opened, READER)).toMatchObject({ kind: 'accepted', reply: { text: '250 2.0.0 taken' } });

    await waitFor('the end of the session', () => !opened.isOpen);
  });

  it('says 421 together with its answer to EHLO is not used', async () => {
    relay.script((line) => (line.startsWith('EHLO') ? '250 relay.test\r\n421 4.3.2 not today' : undefined));
    const opened = await open();

    expect(['refused', 'broken']).toContain((await deliver(opened, READER)).kind);

    expect(opened.isOpen).toBe(false);
    expect(relay.messages).toEqual([]);
  });

  it('refuses in the middle of a message is not given the dot', async () => {
    relay.script((line) => (line === 'text' ? '552 5.3.4 that is enough' : undefined));
    const transaction = (await open()).begin(envelopeTo(READER));
    expect(await transaction.ready).toEqual({ kind: 'go' });
    await transaction.write([Buffer.from(MESSAGE)]);
    await waitFor('the refusal', () => session?.isOpen === false);

    expect(await transaction.write([Buffer.from(MESSAGE)])).toBe(false);
    expect(await transaction.finish()).toMatchObject({ kind: 'refused', stage: 'message', reply: { code: 552 } });

    expect(transaction.isDotReleased).toBe(false);
    expect(relay.messages).toEqual([]);
  });

  it.each(['text', 'DATA'])('says 250 to a message that it has not got is not believed (at %s)', async (line) => {
    answerOnce(line, line === 'DATA' ? '354 go on\r\n250 2.0.0 taken' : '250 2.0.0 taken');
    const transaction = (await open()).begin(envelopeTo(READER));
    await transaction.ready;
    await transaction.write([Buffer.from(MESSAGE)]);
    await waitFor('the early reply', () => session?.isOpen === false);

    expect(await transaction.finish()).toMatchObject({ kind: 'broken', phase: 'before-dot' });

    expect(relay.messages).toEqual([]);
  });

  it('answers once too often never gets to say yes to the wrong message', async () => {
    const opened = await open();
    answerOnce('MAIL', '250 ok\r\n250 ok');

    // Each answer is taken for the one to the next command: DATA seems to be answered with 250.
    expect(await deliver(opened, READER)).toMatchObject({ kind: 'broken', phase: 'envelope' });

    expect(opened.isOpen).toBe(false);
  });

  it.each([
    ['garbage', 'ready when you are'],
    ['octets of nothing', { packets: ['\0\0\0\0\r\n'] }],
    ['100 kB without an end', { packets: [`250 ${'x'.repeat(100_000)}`] }],
    ['a reply of 100 kB', Array.from({ length: 1600 }, () => `250-${'x'.repeat(60)}`).join('\r\n')],
    ['a code of its own', '299-?\r\n199 what'],
  ] as const)('answers with %s is left, and nobody is called accepted for it', async (_, answer) => {
    for (const [line, phase] of [
      ['MAIL', 'envelope'],
      ['RCPT', 'envelope'],
      ['DATA', 'envelope'],
      ['.', 'after-dot'],
    ] as const) {
      const opened = await open();
      answerOnce(line, answer);

      expect(await deliver(opened, READER)).toMatchObject({ kind: 'broken', phase });
      expect(opened.isOpen).toBe(false);
    }
  });

  it('splits its replies over packets, and puts several into one, is understood', async () => {
    const opened = await open();
    relay.script((line) => {
      switch (verbsOf([line])[0] ?? '') {
        case 'MAIL':
          return { packets: ['2', '50', '-2.1.0 sender\r', '\n250 2.1.0 ok\r\n', '25'] };
        case 'RCPT':
          return { packets: ['0 2.1.5 recipient ok\n', '354 go'] };
        case 'DATA':
          return { packets: [' on\r\n'] };
        default:
          return undefined;
      }
    });
    const transaction = opened.begin(envelopeTo(READER));
    // The relay's own understanding is of no use here: it does not see its 354.
    expect(await transaction.ready).toEqual({ kind: 'go' });
  });

  it.each([
    ['MAIL', 'envelope'],
    ['RCPT', 'envelope'],
    ['DATA', 'envelope'],
    ['.', 'after-dot'],
  ])('closes without a word at %s: the message broke off in the phase %s', async (line, phase) => {
    answerOnce(line, 'close');

    expect(await deliver(await open(), READER)).toMatchObject({ kind: 'broken', phase });
  });

  it('closes without a word in the middle of a message has not got it', async () => {
    answerOnce('text', 'close');
    const opened = await open();
    const transaction = opened.begin(envelopeTo(READER));
    await transaction.ready;
    await transaction.write([Buffer.from(MESSAGE)]);
    await waitFor('the end', () => !opened.isOpen);

    expect(await transaction.write([Buffer.from(MESSAGE)])).toBe(false);
    expect(await transaction.finish()).toMatchObject({ kind: 'broken', phase: 'before-dot' });
  });

  it('dies in the middle of its reply to the dot has said nothing', async () => {
    answerOnce('.', { lastWords: '250 2.0.0 take' });

    expect(await deliver(await open(), READER)).toMatchObject({ kind: 'broken', phase: 'after-dot' });
  });

  it.each([
    ['MAIL', 'envelope'],
    ['RCPT', 'envelope'],
    ['DATA', 'envelope'],
    ['.', 'after-dot'],
  ])('hangs at %s is left after its time (R17)', async (line, phase) => {
    const opened = await open(SOON);
    answerOnce(line, HUNG);

    expect(await deliver(opened, READER)).toMatchObject({ kind: 'broken', phase, error: { code: 'ETIMEDOUT' } });
  });

  it('answers fewer commands than it got is left after its time', async () => {
    const opened = await open(SOON);
    answerOnce('RCPT', 'silence');

    // 354 arrives in the place of the answer to RCPT.
    expect(await deliver(opened, READER)).toMatchObject({ kind: 'broken', phase: 'envelope' });
  });

  it('does not read a message is left after its time', async () => {
    const opened = await open({ blockMs: 1 });
    const transaction = opened.begin(envelopeTo(READER));
    await transaction.ready;
    relay.pause();

    const isWritten = await transaction.write([Buffer.alloc(64_000_000, 'long line\r\n')]);

    expect(isWritten).toBe(false);
    expect(await transaction.finish()).toMatchObject({
      kind: 'broken',
      phase: 'before-dot',
      error: { code: 'ETIMEDOUT' },
    });
  });

  it('refuses a message and closes tells both', async () => {
    answerOnce('.', { lastWords: '554 5.7.1 spam\r\n' });
    const opened = await open();

    expect(await deliver(opened, READER)).toMatchObject({ kind: 'refused', stage: 'message', reply: { code: 554 } });

    await waitFor('the end', () => !opened.isOpen);
    expect(await deliver(opened, READER)).toMatchObject({ kind: 'broken', phase: 'connect' });
  });

  it('closes after each message without a word leaves the one behind untouched', async () => {
    const opened = await open();
    answerOnce('.', { lastWords: '250 2.0.0 taken\r\n' });
    const first = opened.begin(envelopeTo(READER));
    await first.ready;
    await first.write([Buffer.from(MESSAGE)]);
    const verdict = first.finish();
    const second = opened.begin(envelopeTo('b@readers.example'));

    expect(await verdict).toMatchObject({ kind: 'accepted' });
    expect(await second.ready).toMatchObject({ kind: 'broken', phase: 'envelope' });
    expect(await writeAndFinish(second)).toMatchObject({ kind: 'broken', phase: 'before-dot' });
  });
});
