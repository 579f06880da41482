import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RelayAddress } from '../../../../src/config/index.ts';
import { createBulkMailer, createBulkTransport } from '../../../../src/platform/smtp/index.ts';
import { startScriptedRelay } from '../../../support/scripted-relay.ts';
import type { ScriptedRelay } from '../../../support/scripted-relay.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { relayAt } from './speak.ts';

let relay: ScriptedRelay;
beforeEach(async () => {
  relay = await startScriptedRelay({ offers: ['PIPELINING', '8BITMIME'] });
});
afterEach(() => relay.stop());

function addressOf(parameters = ''): RelayAddress {
  return relayAt(`${relay.url}${parameters}`);
}

function mailTo(to: string): { from: string; to: string; subject: string; text: string } {
  return { from: 'news@courant.example', to, subject: 'News', text: 'Hello\n.\nthere' };
}

describe('createBulkTransport', () => {
  it('sends what nodemailer composed, over few connections', async () => {
    const mailer = createTransport(createBulkTransport(addressOf('?connections=2')));
    const readers = Array.from({ length: 20 }, (_, index) => `reader-${index}@readers.example`);

    const sent = await Promise.all(readers.map((reader) => mailer.sendMail(mailTo(reader))));

    expect(sent[7]).toMatchObject({
      envelope: { from: 'news@courant.example', to: ['reader-7@readers.example'] },
      messageId: expect.stringMatching(/^<.+@courant.example>$/),
      accepted: ['reader-7@readers.example'],
      response: '250 ok',
    });
    expect(relay.commands.length).toBeLessThanOrEqual(2);
    expect(relay.messages).toHaveLength(20);
    expect(relay.messages[0]).toContain('\r\nHello\r\n..\r\nthere\r\n');
    mailer.close();
    await waitFor('every QUIT', () => relay.commands.every((lines) => lines.at(-1) === 'QUIT'));
  });

  it('opens another connection after as many messages as the relay wants on one', async () => {
    const mailer = createBulkMailer(addressOf('?connections=1&messages=3'));

    await Promise.all(
      Array.from({ length: 7 }, (_, index) => mailer.sendMail(mailTo(`reader-${index}@readers.example`))),
    );

    expect(relay.messages).toHaveLength(7);
    const carried = relay.commands.map((lines) => lines.filter((line) => line === 'DATA').length);
    expect(carried).toEqual([3, 3, 1]);
    mailer.close();
  });

  it('tries another connection when the server has closed the one it kept', async () => {
    const mailer = createBulkMailer(addressOf());
    await mailer.sendMail(mailTo('a@readers.example'));
    relay.script((line, connection) => (line.startsWith('MAIL') && connection === 1 ? 'close' : undefined));

    await expect(mailer.sendMail(mailTo('b@readers.example'))).resolves.toMatchObject({ response: '250 ok' });
    mailer.close();
  });

  it('tells a refusal as nodemailer does, and goes on', async () => {
    const mailer = createBulkMailer(addressOf());
    relay.script((line) => (line.startsWith('RCPT TO:<gone@') ? '550 5.1.1 unknown' : undefined));

    await expect(mailer.sendMail(mailTo('gone@readers.example'))).rejects.toMatchObject({
      code: 'EENVELOPE',
      responseCode: 550,
      response: '550 5.1.1 unknown',
    });
    await expect(mailer.sendMail(mailTo('here@readers.example'))).resolves.toBeDefined();
    mailer.close();
  });

  it('does not send a message again whose fate is unknown', async () => {
    const mailer = createBulkMailer(addressOf());
    relay.script((line) => (line === '.' ? 'close' : undefined));

    await expect(mailer.sendMail(mailTo('a@readers.example'))).rejects.toThrow(/after-dot/);

    expect(relay.messages).toHaveLength(1);
    mailer.close();
    await expect(mailer.sendMail(mailTo('a@readers.example'))).rejects.toThrow(/closed/);
  });

  it('announces eight bits and line ends of a system for what they are', async () => {
    const mailer = createBulkMailer(addressOf());

    await mailer.sendMail({ envelope: { from: '', to: 'a@readers.example' }, raw: 'Subject: x\n\nGrüße\n' });

    expect(relay.commands[0]?.[1]).toBe('MAIL FROM:<> BODY=8BITMIME');
    expect(Buffer.from(relay.messages[0] ?? '', 'latin1').toString()).toBe('Subject: x\r\n\r\nGrüße\r\n');
    mailer.close();
  });

  it('says why no connection is to be had, and verifies', async () => {
    const mailer = createBulkMailer(addressOf());
    expect(await mailer.verify()).toBe(true);
    relay.script((line) => (line === 'connect' ? '554 5.7.1 not you' : undefined));

    await expect(mailer.sendMail(mailTo('a@readers.example'))).rejects.toMatchObject({ responseCode: 554 });
    await expect(mailer.verify()).rejects.toMatchObject({ responseCode: 554 });
    mailer.close();
  });
});
