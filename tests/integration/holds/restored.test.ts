import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBackup, restoreBackup, writeBackup } from '../../../src/backup/index.ts';
import { readSending, releaseSending, resumeSending } from '../../../src/holds/index.ts';
import { migrateQueue } from '../../../src/platform/queue/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { startWorker } from '../../../workers/start-worker.ts';
import { createEmptyDatabase } from '../../support/databases.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem, TEST_SECRET } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { MAIL_DEADLINE_MS, signUp } from '../subscriptions/reader.ts';

const READERS = 5;
const STOP_MS = 5000;
/** Two systems and a restore, each with all of its migrations. */
const LONG_MS = 60_000;

let folder: string;
let system: TestSystem;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'courant-held-'));
});
afterEach(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});

/** A campaign that was frozen and had not begun to leave when the backup was made; who knows what has left since. */
async function startRestored(): Promise<TestSystem> {
  const first = await startTestSystem({ worker: false });
  await sendTestCampaign(first.deps, await addReaders(first.deps, READERS));
  await sql`update newsletters set next_run_at = now() - interval '40 days'`.execute(first.deps.db);
  const file = join(folder, 'backup');
  const order = { file, force: false, keys: [TEST_SECRET], version: '0', now: first.deps.clock.now() };
  await writeBackup(first.deps.databaseUrl, order);
  await first.stop();
  const database = await createEmptyDatabase();
  await restoreBackup(database.url, await openBackup(file), {});
  await migrateQueue(database.url);
  return startTestSystem({ database });
}

/** Its confirmation arrives, so the worker is at work; everything bulk had as much time. */
async function watchConfirmation(address: string): Promise<void> {
  await signUp(system, address);
  await system.sink.waitForMail(({ recipients }) => recipients.includes(address), MAIL_DEADLINE_MS);
}

function readersMailed(): number {
  return system.sink.mails.filter(({ recipients }) => recipients[0]?.endsWith('@readers.example')).length;
}

describe('a restored system', { timeout: LONG_MS }, () => {
  it(
    'mails confirmations and nothing else until it is released (T14)',
    async () => {
      system = await startRestored();
      await watchConfirmation('ada@example.org');
      await watchConfirmation('bo@example.org');

      expect(readersMailed()).toBe(0);
      expect(await readSending(system.deps)).toMatchObject({
        hold: { reason: 'restored' },
        waiting: { campaigns: [{ subject: 'News of the day', readers: READERS }] },
      });

      await releaseSending(system.deps, CLI_ACTOR);
      await waitFor('the campaign to leave', () => readersMailed() === READERS, MAIL_DEADLINE_MS);
      expect(await readSending(system.deps)).toMatchObject({ hold: null, waiting: null });
    },
    LONG_MS,
  );
});

describe('a system that was stopped for long', { timeout: LONG_MS }, () => {
  it('is held by the first worker that comes back, and goes on when it is released (T14)', async () => {
    system = await startTestSystem({ worker: false });
    const newsletterId = await addReaders(system.deps, READERS);
    const early = await startWorker(system.deps);
    await early.stop(STOP_MS);
    await sendTestCampaign(system.deps, newsletterId);
    await sql`update workers set heartbeat_at = now() - interval '61 minutes'`.execute(system.deps.db);

    const worker = await startWorker(system.deps);
    try {
      await watchConfirmation('ada@example.org');
      expect(readersMailed()).toBe(0);
      expect(await readSending(system.deps)).toMatchObject({ hold: { reason: 'long_stopped' } });

      await releaseSending(system.deps, CLI_ACTOR);
      await waitFor('the campaign to leave', () => readersMailed() === READERS, MAIL_DEADLINE_MS);
    } finally {
      await worker.stop(STOP_MS);
    }
  });

  it('is not held after an hour less a little, nor at its very first start', async () => {
    system = await startTestSystem({ worker: false });
    const newsletterId = await addReaders(system.deps, READERS);
    const first = await startWorker(system.deps);
    await first.stop(STOP_MS);
    await sql`update workers set heartbeat_at = now() - interval '58 minutes'`.execute(system.deps.db);
    const second = await startWorker(system.deps);
    try {
      await sendTestCampaign(system.deps, newsletterId);
      await waitFor('the campaign to leave', () => readersMailed() === READERS, MAIL_DEADLINE_MS);
      expect((await readSending(system.deps)).hold).toBeNull();
    } finally {
      await second.stop(STOP_MS);
    }
  });
});

describe('the kill switch', { timeout: LONG_MS }, () => {
  it('lets no mail begin, confirmations included, until it is taken back', async () => {
    system = await startTestSystem();
    await sql`insert into settings (key, value) values ('kill_switch', '{}')`.execute(system.deps.db);
    await signUp(system, 'ada@example.org');
    const { rows } = await waitFor('the confirmation to be planned', async () => {
      const found = await sql`select 1 from deliveries where kind = 'confirm'`.execute(system.deps.db);
      return found.rows.length === 1 ? found : undefined;
    });
    expect(rows).toHaveLength(1);
    expect(system.sink.mails).toEqual([]);

    await resumeSending(system.deps, CLI_ACTOR);
    await system.sink.waitForMail(({ recipients }) => recipients.includes('ada@example.org'), MAIL_DEADLINE_MS);
  });
});
