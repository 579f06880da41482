import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSinkLog, startSink } from '../../src/demo/index.ts';
import type { Sink, SinkMessage } from '../../src/demo/index.ts';

const MESSAGE = 'Message-ID: <1@news.test>\r\nSubject: Hello\r\n\r\n.a dot\r\n..\r\nend\r\n';
const STUFFED = MESSAGE.replaceAll('\r\n.', '\r\n..');
const ENVELOPE = 'MAIL FROM:<news@news.test>\r\nRCPT TO:<用户@readers.test>\r\nDATA\r\n';
/** Two mails and the farewell, as a pipelining client may send them at once. */
const CONVERSATION = `EHLO client.test\r\n${`${ENVELOPE}${STUFFED}.\r\n`.repeat(2)}MAIL FROM:<>\r\nRCPT TO:<a@readers.test>\r\nDATA\r\n.\r\nQUIT\r\n`;

let directory: string;
let logPath: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'courant-sink-'));
  logPath = join(directory, 'accepted.jsonl');
});
afterEach(() => rm(directory, { recursive: true }));

/** The codes that the sink answers, until it closes. */
async function say(port: number, packets: readonly Buffer[]): Promise<readonly string[]> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let answers = '';
  socket.on('data', (packet) => {
    answers += packet.toString();
  });
  for (const packet of packets) {
    await new Promise((resolve) => socket.write(packet, resolve));
  }
  await once(socket, 'close');
  return answers.split('\r\n').flatMap((line) => /^(\d{3})(?: |$)/.exec(line)?.[1] ?? []);
}

describe('startSink', () => {
  let sink: Sink;
  let messages: SinkMessage[];
  beforeEach(async () => {
    messages = [];
    sink = await startSink({ logPath, onAccepted: (message) => messages.push(message) });
  });
  afterEach(() => sink.stop());

  it.each([
    ['all at once', [Buffer.from(CONVERSATION)]],
    ['octet by octet', Array.from(Buffer.from(CONVERSATION), (octet) => Buffer.of(octet))],
    [
      'in packets of seven',
      Array.from({ length: 100 }, (_, index) => Buffer.from(CONVERSATION).subarray(index * 7, index * 7 + 7)),
    ],
  ])('understands what comes %s (RFC 2920)', async (_, packets) => {
    const codes = await say(sink.port, packets);

    const each = ['250', '250', '354', '250'];
    expect(codes).toEqual(['220', '250', ...each, ...each, ...each, '221']);
    expect(messages.map(({ raw }) => raw.toString())).toEqual([MESSAGE, MESSAGE, '']);
    expect(messages[0]).toMatchObject({ sender: 'news@news.test', recipients: ['用户@readers.test'] });
  });

  it('has each mail in its log before it says 250', async () => {
    await say(sink.port, [Buffer.from(CONVERSATION)]);
    await appendFile(logPath, '{"messageId":"<torn');

    const entries = await readSinkLog(logPath);

    expect(entries).toHaveLength(3);
    expect(entries[1]).toEqual({
      messageId: '<1@news.test>',
      recipient: '用户@readers.test',
      sha256: createHash('sha256').update(MESSAGE).digest('hex'),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(sink.accepted).toBe(3);
  });

  it('knows when a command is out of turn', async () => {
    const lines = [
      'DATA',
      'RCPT TO:<a@b.test>',
      'MAIL FROM:<a@b.test>',
      'MAIL FROM:<a@b.test>',
      'RSET',
      'VRFY x',
      'RCPT',
      'QUIT',
    ];

    const codes = await say(sink.port, [Buffer.from(lines.map((line) => `${line}\r\n`).join(''))]);

    expect(codes).toEqual(['220', '554', '503', '250', '503', '250', '502', '501', '221']);
  });
});

describe('the sink as a process', () => {
  it('says where it listens, and keeps its log when it is killed', async () => {
    const child = spawn(process.execPath, ['src/demo/sink-main.ts', '--log', logPath], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [url] = await once(child.stdout, 'data');
      await say(Number(new URL(String(url).trim()).port), [Buffer.from(CONVERSATION)]);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }

    expect(await readSinkLog(logPath)).toHaveLength(3);
  });
});
