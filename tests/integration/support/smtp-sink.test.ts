import { once } from 'node:events';
import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSmtpSink } from '../../support/smtp-sink.ts';
import type { SmtpSink } from '../../support/smtp-sink.ts';

const MESSAGE = 'Subject: Hello\r\n\r\n.a line that begins with a dot\r\n';

describe('startSmtpSink', () => {
  let sink: SmtpSink;
  beforeEach(async () => {
    sink = await startSmtpSink();
  });
  afterEach(() => sink.stop());

  function send(recipient: string): Promise<unknown> {
    const transport = createTransport({ url: sink.url });
    return transport
      .sendMail({ envelope: { from: 'bounce@news.test', to: [recipient] }, raw: MESSAGE })
      .finally(() => transport.close());
  }

  it('keeps the recipient and the bytes exactly as they came', async () => {
    const recipient = 'Ada.Lovelace+News@Example.TEST';
    // Spoken by hand: nodemailer folds the case of the domain before it sends.
    const socket = connect(sink.port, '127.0.0.1');
    for (const line of [
      'EHLO client.test',
      'MAIL FROM:<bounce@news.test>',
      `RCPT TO:<${recipient}>`,
      'DATA',
      `${MESSAGE.replaceAll('\r\n.', '\r\n..')}.`,
      'QUIT',
    ]) {
      await once(socket, 'data');
      socket.write(`${line}\r\n`);
    }

    const mail = await sink.waitForMail((candidate) => candidate.raw.includes('Hello'));
    socket.destroy();

    expect(mail).toEqual({
      sender: 'bounce@news.test',
      recipients: [recipient],
      raw: Buffer.from(MESSAGE),
      connectionId: expect.any(String),
      outcome: 'accepted',
    });
  });

  it('refuses a recipient as often as the script says', async () => {
    sink.script((_recipient, attempt) =>
      attempt === 1 ? { kind: 'refuse-recipient', code: 450, text: 'try later' } : undefined,
    );

    await expect(send('ada@example.test')).rejects.toMatchObject({ responseCode: 450 });
    await send('ada@example.test');

    expect(sink.mails.map((mail) => mail.outcome)).toEqual(['accepted']);
  });

  it('answers the final dot with the code of the script', async () => {
    sink.script(() => ({ kind: 'refuse-message', code: 451, text: 'no space' }));

    await expect(send('ada@example.test')).rejects.toMatchObject({ responseCode: 451 });

    expect(sink.mails.map((mail) => mail.outcome)).toEqual(['refused']);
  });

  it('forgets a message that was cut before the final dot and keeps one that was cut after it', async () => {
    sink.script((recipient) => ({ kind: recipient.startsWith('before') ? 'cut-before-dot' : 'cut-after-dot' }));

    await expect(send('before@example.test')).rejects.toMatchObject({ code: 'ESOCKET' });
    await expect(send('after@example.test')).rejects.toMatchObject({ code: 'ESOCKET' });

    expect(sink.mails).toMatchObject([{ recipients: ['after@example.test'], outcome: 'cut' }]);
  });

  it('holds the reply until the test lets it go', async () => {
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
    sink.script(() => ({ kind: 'hold-reply', until }));

    const sending = send('ada@example.test');
    expect(await Promise.race([sending, until.then(() => 'let go'), Promise.resolve('held')])).toBe('held');
    letGo();
    await sending;

    expect(sink.mails).toHaveLength(1);
  });

  it('comes back on the same port', async () => {
    const { port } = sink;
    await sink.stop();
    await expect(send('ada@example.test')).rejects.toMatchObject({ code: 'ESOCKET' });

    sink = await startSmtpSink({ port });
    await send('ada@example.test');

    expect(sink.mails).toHaveLength(1);
  });
});
