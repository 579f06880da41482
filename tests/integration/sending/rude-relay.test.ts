import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { makeDue } from '../../support/make-due.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startScriptedRelay } from '../../support/scripted-relay.ts';
import type { ScriptedRelay } from '../../support/scripted-relay.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

let relay: ScriptedRelay;
let system: TestSystem;

beforeEach(async () => {
  relay = await startScriptedRelay();
  system = await startTestSystem({ environment: { SMTP_URL: relay.url } });
});

afterEach(async () => {
  await system.stop();
  await relay.stop();
});

/** `accepted`, `deferred:mailbox_busy` and how many. */
async function statesOf(id: CampaignId): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; count: number }>`
    select state || coalesce(':' || reason, '') as state, count(*) as count from deliveries where campaign_id = ${id} group by 1`.execute(
    system.deps.db,
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

/** Resolves as soon as the deliveries are in these states. */
function statesBecome(id: CampaignId, expected: Record<string, number>): Promise<boolean> {
  return waitFor(JSON.stringify(expected), async () => isDeepStrictEqual(await statesOf(id), expected), 15_000);
}

describe('a relay that', () => {
  it('closes without a greeting costs no reader a try', async () => {
    relay.script((line) => (line === 'connect' ? 'close' : undefined));
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 3));
    await waitFor('two tries of each', () => relay.commands.length >= 6);
    expect(await statesOf(id)).toEqual({ planned: 3 });

    relay.script(() => undefined);

    expect(await statesBecome(id, { accepted: 3 })).toBe(true);
  });

  it('closes after each mail without a word costs no reader a try', async () => {
    // The close is noticed only by the next MAIL: the server has gone deaf meanwhile.
    const sent = new Map<number, number>();
    relay.script((line, connection) => {
      if (line === '.') {
        sent.set(connection, (sent.get(connection) ?? 0) + 1);
      }
      return line.startsWith('MAIL') && (sent.get(connection) ?? 0) > 0 ? 'close' : undefined;
    });

    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 30));

    expect(await statesBecome(id, { accepted: 30 })).toBe(true);
    const { rows } = await sql<{ attempts: number }>`select max(attempt) as attempts from deliveries`.execute(
      system.deps.db,
    );
    expect(rows).toEqual([{ attempts: 1 }]);
  });

  it('does not want the sender costs nobody the mail, and nobody is called dead for it', async () => {
    relay.script((line) => (line.startsWith('MAIL') ? '550 5.1.1 Sender address rejected: user unknown' : undefined));

    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 2));

    expect(await statesBecome(id, { 'deferred:sender_refused': 2 })).toBe(true);
    expect(await system.deps.db.selectFrom('suppressions').select('id').execute()).toEqual([]);
  });

  it('announces a size that the mail exceeds ends it with that reason', async () => {
    relay.script((line) => (line.startsWith('EHLO') ? '250-relay.test\r\n250 SIZE 1000' : undefined));

    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 2));

    expect(await statesBecome(id, { 'rejected:message_too_large': 2 })).toBe(true);
  });

  it('answers with bytes that no database takes loses no outcome', async () => {
    relay.script((line) => (line.startsWith('RCPT') ? `450 4.2.1 \0 busy ${'é'.repeat(994)}😀` : undefined));

    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 2));

    expect(await statesBecome(id, { 'deferred:mailbox_busy': 2 })).toBe(true);
  });

  it('never answers EHLO does not hold up the end of the worker', async () => {
    relay.script((line) => (line.startsWith('EHLO') ? 'silence' : undefined));
    await sendTestCampaign(system.deps, await addReaders(system.deps, 1));
    await waitFor('the EHLO', () => relay.commands[0]?.[0]);

    const startedMs = performance.now();
    await system.stop();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    system = await startTestSystem({ worker: false });
  });
});

describe('the engine', () => {
  it('takes back what it holds on paper only, because the answer to its claim was lost', async () => {
    const { db } = system.deps;
    await sql`insert into settings (key, value) values ('kill_switch', '{}')`.execute(db);
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 3));
    // As if the engine's own claim had been committed and the connection had died before it heard of it.
    await sql`update delivery_blocks set worker_id = (select id from workers where fenced_at is null) where campaign_id = ${id}`.execute(
      db,
    );
    await sql`delete from settings where key = 'kill_switch'`.execute(db);

    system.deps.doorbell.ring('send-campaigns', {});

    expect(await statesBecome(id, { accepted: 3 })).toBe(true);
  });

  it('lets nobody pay for a key that this process does not have yet', async () => {
    const { db } = system.deps;
    await sql`insert into settings (key, value) values ('kill_switch', '{}')`.execute(db);
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 2));
    await sql`update deliveries set key_id = key_id + 1000 where campaign_id = ${id}`.execute(db);
    await sql`delete from settings where key = 'kill_switch'`.execute(db);
    system.deps.doorbell.ring('send-campaigns', {});
    expect(await statesBecome(id, { 'deferred:build_failed': 2 })).toBe(true);
  });

  it('goes on when the database was away in the middle of a message', async () => {
    const { db } = system.deps;
    await sql`create function break_dot() returns trigger language plpgsql as $$
      begin
        if (select count(*) from settings where key = 'break') > 0 then
          raise exception 'away' using errcode = '57P01';
        end if;
        return new;
      end $$`.execute(db);
    await sql`create trigger break_dot before update on deliveries for each row when (new.state = 'dot_pending')
      execute function break_dot()`.execute(db);
    await sql`insert into settings (key, value) values ('break', '{}')`.execute(db);
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 20));
    expect(await statesBecome(id, { 'deferred:lease_lost': 20 })).toBe(true);

    await sql`delete from settings where key = 'break'`.execute(db);
    await makeDue(db);
    system.deps.doorbell.ring('send-campaigns', {});

    expect(await statesBecome(id, { accepted: 20 })).toBe(true);
    expect(relay.messages).toHaveLength(20);
  });
});
