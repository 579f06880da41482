import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseRelayUrls } from '../../src/config/index.ts';
import { createBulkMailer, openSmtpSession } from '../../src/platform/smtp/index.ts';
import type { FinishResult, ReadyResult, SmtpSession } from '../../src/platform/smtp/index.ts';
import { MAY_RUN_POSTFIX, startNullSink, startPostfix } from '../support/postfix.ts';
import type { Postfix } from '../support/postfix.ts';
import { startSmtpSink } from '../support/smtp-sink.ts';
import type { SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

const SENDER = 'news@courant.test';
const MAILS = 200;

let sink: SmtpSink;
let postfix: Postfix;
let session: SmtpSession | undefined;

async function open(): Promise<SmtpSession> {
  session = await openSmtpSession(relayOf(postfix));
  return session;
}

async function start(settings: Readonly<Record<string, string>>): Promise<void> {
  sink = await startSmtpSink();
  postfix = await startPostfix({ nextHopPort: sink.port, settings });
}

async function stop(): Promise<void> {
  await postfix.stop();
  await sink.stop();
}

/** One message, seen through to the reply. */
async function deliver(opened: SmtpSession, reader: string, message: Buffer): Promise<ReadyResult | FinishResult> {
  const transaction = opened.begin({ from: SENDER, to: reader, size: message.length });
  const ready = await transaction.ready;
  if (ready.kind !== 'go') {
    return ready;
  }
  await transaction.write([message]);
  return transaction.finish();
}

function relayOf({ url }: { readonly url: string }) {
  const [relay] = parseRelayUrls(url);
  if (relay === undefined) {
    throw new Error('no relay');
  }
  return relay;
}

function messageTo(reader: string, body: string): Buffer {
  return Buffer.from(`From: ${SENDER}\r\nTo: ${reader}\r\nMessage-ID: <${reader}>\r\nSubject: News\r\n\r\n${body}`);
}

// postfix wants to be started as root; elsewhere the conversations of tests/unit/platform/smtp hold what is said here.
describe.runIf(MAY_RUN_POSTFIX)('postfix as the relay', () => {
  beforeAll(() => start({ smtpd_recipient_restrictions: 'reject_non_fqdn_recipient, permit' }));
  afterEach(() => {
    session?.destroy();
    sink.clear();
  });
  afterAll(stop);

  it('offers what we use, and each mail arrives once and as it was, pipelined', async () => {
    const opened = await open();
    expect(opened.features).toEqual({
      pipelining: true,
      eightBitMime: true,
      smtpUtf8: true,
      dsn: true,
      size: 10_240_000,
    });
    const bodies = Array.from(
      { length: MAILS },
      () => `..${randomBytes(6000).toString('hex').replaceAll(/.{70}/g, '$&\r\n.')}\r\n`,
    );
    const replies: string[] = [];

    let transaction = begin(0);
    for (let index = 0; index < MAILS; index += 1) {
      expect(await transaction.ready).toEqual({ kind: 'go' });
      await transaction.write([messageTo(`${index}@readers.test`, bodies[index] ?? '')]);
      const verdict = transaction.finish();
      transaction = index + 1 < MAILS ? begin(index + 1) : transaction;
      const result = await verdict;
      replies.push(result.kind === 'accepted' ? result.reply.text : result.kind);
    }

    expect(new Set(replies.map((reply) => reply.replace(/[^ ]+$/, '')))).toEqual(new Set(['250 2.0.0 Ok: queued as ']));
    await waitFor('the last mail', () => sink.mails.length === MAILS, 15_000);
    const texts = new Map(sink.mails.map((mail) => [mail.recipients[0], mail.raw.toString().split('\r\n\r\n')[1]]));
    expect(texts).toEqual(new Map(bodies.map((body, index) => [`${index}@readers.test`, body])));
    expect(new Set(sink.mails.map((mail) => mail.sender))).toEqual(new Set([SENDER]));

    function begin(index: number) {
      const reader = `${index}@readers.test`;
      return opened.begin({ from: SENDER, to: reader, size: messageTo(reader, bodies[index] ?? '').length });
    }
  });

  it('refuses recipients in the middle of a stream without harm to the others', async () => {
    const opened = await open();
    const readers = [
      'a@readers.test',
      'gone@nowhere',
      'b@readers.test',
      'gone@nowhere',
      'gone@nowhere',
      'c@readers.test',
    ];
    const outcomes: string[] = [];

    for (const reader of readers) {
      const result = await deliver(opened, reader, messageTo(reader, 'News\r\n'));
      outcomes.push(
        result.kind === 'refused' ? `${result.stage} ${result.reply.code} ${result.reply.enhancedCode}` : result.kind,
      );
    }

    expect(outcomes).toEqual([
      'accepted',
      'rcpt 504 5.5.2',
      'accepted',
      'rcpt 504 5.5.2',
      'rcpt 504 5.5.2',
      'accepted',
    ]);
    await waitFor('the mails', () => sink.mails.length === 3);
    const arrived = sink.mails.flatMap((mail) => mail.recipients);
    expect(new Set(arrived)).toEqual(new Set(['a@readers.test', 'b@readers.test', 'c@readers.test']));
  });

  it('takes addresses and texts of all languages from our own transport', async () => {
    const mailer = createBulkMailer(relayOf(postfix));

    await mailer.sendMail({
      envelope: { from: SENDER, to: '用户@readers.test' },
      raw: messageTo('用户@readers.test', 'Grüße\r\n'),
    });
    mailer.close();

    const mail = await sink.waitForMail(({ recipients }) => recipients[0] === '用户@readers.test');
    expect(mail.raw.toString()).toContain('To: 用户@readers.test\r\n');
    expect(mail.raw.toString()).toContain('\r\n\r\nGrüße\r\n');
  });

  it('keeps what it took while the next hop is away: the short way out for a slow or distant provider', async () => {
    const opened = await open();
    const { port } = sink;
    await sink.stop();

    expect(await deliver(opened, 'a@readers.test', messageTo('a@readers.test', 'News\r\n'))).toMatchObject({
      kind: 'accepted',
    });

    expect(await postfix.countQueued()).toBe(1);
    sink = await startSmtpSink({ port });
  });
});

describe.runIf(MAY_RUN_POSTFIX)('postfix with less on offer', () => {
  beforeAll(() =>
    start({
      message_size_limit: '5000',
      smtputf8_enable: 'no',
      smtpd_discard_ehlo_keywords: 'pipelining, dsn, 8bitmime',
    }),
  );
  afterAll(async () => {
    session?.destroy();
    await stop();
  });

  it('has its limits respected: SIZE, and no SMTPUTF8 or PIPELINING where it has none', async () => {
    const opened = await open();

    expect(opened.features).toEqual({
      pipelining: false,
      eightBitMime: false,
      smtpUtf8: false,
      dsn: false,
      size: 5000,
    });
    expect(await opened.begin({ from: SENDER, to: 'a@readers.test', size: 5001 }).ready).toMatchObject({
      reason: 'message_too_large',
    });
    expect(await opened.begin({ from: SENDER, to: '用户@readers.test', size: 10 }).ready).toMatchObject({
      reason: 'needs_smtputf8',
    });
    expect(await deliver(opened, 'a@readers.test', messageTo('a@readers.test', 'News\r\n'))).toMatchObject({
      kind: 'accepted',
    });
    await sink.waitForMail((mail) => mail.recipients[0] === 'a@readers.test');
  });
});

describe("postfix's smtp-sink", () => {
  it('takes a thousand mails over each of four connections, and every one is answered', async () => {
    const receiver = await startNullSink();
    const message = messageTo('a@readers.test', `${'x'.repeat(70)}\r\n`.repeat(500));
    const envelope = { from: SENDER, to: 'a@readers.test', size: message.length };
    const streams = Array.from({ length: 4 }, async () => {
      const opened = await openSmtpSession(relayOf(receiver));
      let accepted = 0;
      let transaction = opened.begin(envelope);
      for (let index = 0; index < 1000; index += 1) {
        await transaction.ready;
        await transaction.write([message]);
        const verdict = transaction.finish();
        transaction = opened.begin(envelope);
        accepted += (await verdict).kind === 'accepted' ? 1 : 0;
      }
      opened.destroy();
      return accepted;
    });

    expect(await Promise.all(streams)).toEqual([1000, 1000, 1000, 1000]);

    await receiver.stop();
  });
});
