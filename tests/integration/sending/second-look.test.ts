import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { countDeliveries } from '../../../src/deliveries/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

/** What a lane of eight connections claims at once. */
const CLAIM = 64;
const CONNECTIONS = 8;
const clock = createFakeClock(new Date());
let system: TestSystem;

beforeEach(async () => {
  system = await startTestSystem({ clock });
});
afterEach(() => system.stop());

it('forgets nobody who was claimed while the gate was asked again for others', async () => {
  const { db } = system.deps;
  await sql`create function wait_at_gate() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(42); return new; end $$`.execute(db);
  await sql`create trigger wait_at_gate before update on deliveries for each row
    when (old.state = 'claimed' and new.state = 'claimed') execute function wait_at_gate()`.execute(db);
  const holder = new pg.Client({ connectionString: system.deps.databaseUrl });
  await holder.connect();
  try {
    await holder.query('select pg_advisory_lock(42)');
    // Everything of the first claim leaves but the last mail; then each connection waits for its reply.
    let begun = 0;
    const releases: PromiseWithResolvers<undefined>[] = [];
    system.sink.script(() => {
      begun += 1;
      if (begun < CLAIM - CONNECTIONS) {
        return undefined;
      }
      const release = Promise.withResolvers<undefined>();
      releases.push(release);
      return { kind: 'hold-reply', until: release.promise };
    });
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, CLAIM + 20));
    await waitFor('every connection to wait', () => releases.length === CONNECTIONS);
    clock.advance(3100);
    releases[0]?.resolve(undefined);
    await waitFor('the second look', async () => {
      const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory' and not granted`.execute(db);
      return rows.length > 0;
    });
    releases.slice(1).forEach((release) => release.resolve(undefined));
    await waitFor('a second claim', () => releases.length >= 2 * CONNECTIONS - 1);

    await holder.query('select pg_advisory_unlock(42)');
    await waitFor('the last mail of the first claim', () => releases.length === 2 * CONNECTIONS);
    system.sink.script(() => undefined);
    releases.forEach((release) => release.resolve(undefined));

    await waitFor('nobody to be left', async () => (await countDeliveries(db, id)).accepted === CLAIM + 20);
  } finally {
    await holder.end();
  }
  expect(new Set(system.sink.mails.flatMap((mail) => mail.recipients)).size).toBe(system.sink.mails.length);
});
