import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordForgottenConfirmations } from '../../../src/sending/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { MAIL_DEADLINE_MS, lastRequestOf, mailsPlannedTo, readMail, signUp } from '../subscriptions/reader.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
  system.sink.script((recipient) =>
    recipient === 'unknown@example.org'
      ? { kind: 'refuse-recipient', code: 550, text: '5.1.1 who is that' }
      : undefined,
  );
});
afterAll(() => system.stop());

async function confirmationsOf(
  address: string,
): Promise<readonly { details: Record<string, unknown>; delivery: string }[]> {
  const { subscriberId } = await lastRequestOf(system.deps, address);
  const { rows } = await sql<{ details: Record<string, unknown>; delivery: string }>`
    select r.details, d.state as delivery from consent_records r join deliveries d on d.id = r.delivery_id
    where r.subscriber_id = ${subscriberId} and r.action = 'confirmation_sent' order by r.id`.execute(system.deps.db);
  return rows;
}

function firstConfirmationOf(address: string): ReturnType<typeof confirmationsOf> {
  return waitFor(
    'the record of the confirmation mail',
    async () => {
      const found = await confirmationsOf(address);
      return found.length > 0 ? found : undefined;
    },
    MAIL_DEADLINE_MS,
  );
}

it('records the mail as sent: template, compiled mail, Message-ID and what the relay said (R29)', async () => {
  await signUp(system, 'sent@example.org');

  const [record] = await firstConfirmationOf('sent@example.org');

  const mail = await system.sink.waitForMail((one) => one.recipients.includes('sent@example.org'), MAIL_DEADLINE_MS);
  const { rows } = await sql<{ hash: string }>`
    select encode(m.hash, 'hex') as hash from deliveries d join compiled_mails m on m.id = d.compiled_mail_id
    where d.address = 'sent@example.org'`.execute(system.deps.db);
  expect(record).toEqual({
    delivery: 'accepted',
    details: {
      outcome: 'accepted',
      template: 'confirm',
      mailHash: rows[0]?.hash,
      messageId: (await readMail(mail)).headers.get('message-id'),
      attempts: 1,
      replyCode: 250,
      enhancedCode: '2.0.0',
      reason: null,
    },
  });
});

it('records that the relay refused it for good', async () => {
  await signUp(system, 'unknown@example.org');

  const [record] = await firstConfirmationOf('unknown@example.org');

  expect(record).toMatchObject({
    delivery: 'rejected',
    details: { outcome: 'rejected', replyCode: 550, enhancedCode: '5.1.1', messageId: expect.stringMatching(/^<.*@/) },
  });
});

it('records once that the gate kept it back, and holds no personal value', async () => {
  await sql`insert into settings (key, value) values ('kill_switch', '{}')`.execute(system.deps.db);
  await signUp(system, 'kept-back@example.org');
  await waitFor(
    'the mail to be planned',
    async () => (await mailsPlannedTo(system.deps, 'kept-back@example.org')).length > 0,
  );
  await sql`insert into suppressions (address_hash, address_hash_key_id, reason, source, created_at)
    select address_hash, address_hash_key_id, 'complaint', 'test', now() from subscribers where address = 'kept-back@example.org'`.execute(
    system.deps.db,
  );
  await sql`delete from settings where key = 'kill_switch'`.execute(system.deps.db);
  system.deps.doorbell.ring('send-transactional', {});
  await waitFor(
    'the gate',
    async () => (await mailsPlannedTo(system.deps, 'kept-back@example.org')).includes('confirm:suppressed'),
    MAIL_DEADLINE_MS,
  );

  const sweep = (): Promise<void> => recordForgottenConfirmations(system.deps);
  await Promise.all([sweep(), sweep(), sweep()]);
  await sweep();

  const records = await confirmationsOf('kept-back@example.org');
  expect(records).toEqual([
    {
      delivery: 'suppressed',
      details: expect.objectContaining({
        outcome: 'suppressed',
        reason: 'suppressed',
        messageId: null,
        template: 'confirm',
      }),
    },
  ]);
  expect(JSON.stringify(records)).not.toContain('example.org');
});
