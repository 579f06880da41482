import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { compose } from '../../../src/compose.ts';
import type { Composed } from '../../../src/compose.ts';
import { parseConfig } from '../../../src/config/index.ts';
import { countDeliveries } from '../../../src/deliveries/index.ts';
import { migrateAll } from '../../../src/migrate.ts';
import { seed } from '../../../src/start-web.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startRedis } from '../../support/redis-server.ts';
import { startSmtpSink } from '../../support/smtp-sink.ts';
import type { SmtpSink } from '../../support/smtp-sink.ts';
import { waitFor } from '../../support/wait-for.ts';

const READERS = 400;
const KILLS = 2;

let composed: Composed;
let sink: SmtpSink;
let environment: Record<string, string>;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const postgres = await startPostgres({ durable: true });
  closing.push(() => postgres.stop());
  sink = await startSmtpSink();
  closing.push(() => sink.stop());
  environment = {
    DATABASE_URL: postgres.url,
    SECRET_KEY: 'a secret of the tests that is long enough',
    SMTP_URL: sink.url,
    MAIL_FROM: 'news@courant.example',
    POSTAL_ADDRESS: 'Paper Street 1, 10117 Berlin',
    LOG_LEVEL: 'silent',
  };
  if (inject('queue') === 'redis') {
    const redis = await startRedis();
    closing.push(() => redis.stop());
    environment['REDIS_URL'] = redis.url;
  }
  const log = pino({ level: 'silent' });
  await migrateAll(postgres.url, log);
  composed = await compose(parseConfig(environment), { role: 'test', maxConnections: 4, log });
  closing.push(composed.close);
  await seed(composed.deps);
});

afterAll(async () => {
  for (const close of closing.toReversed()) {
    await close();
  }
});

function startWorkerProcess(): ChildProcess {
  return spawn(process.execPath, ['workers/main.ts'], { env: { ...process.env, ...environment }, stdio: 'inherit' });
}

it('loses nobody and mails nobody twice, apart from those it lists as ambiguous, when workers are killed', async () => {
  const { deps } = composed;
  const id = await sendTestCampaign(deps, await addReaders(deps, READERS));
  const accepted = (): number => sink.mails.filter((mail) => mail.outcome === 'accepted').length;

  let worker = startWorkerProcess();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await waitFor('mails to leave', () => accepted() >= (READERS / (KILLS + 1)) * kill, 60_000);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const counts = await countDeliveries(deps.db, id);
    expect(counts.audience).toBe(READERS);
    expect(
      counts.accepted + counts.rejected + counts.suppressed + counts.ambiguous + counts.cancelled + counts.open,
    ).toBe(READERS);
    worker = startWorkerProcess();
  }
  await waitFor('nothing to be open', async () => (await countDeliveries(deps.db, id)).open === 0, 100_000);
  worker.kill('SIGTERM');
  await once(worker, 'exit');

  const { rows } = await sql<{ address: string; state: string }>`
    select address, state from deliveries where campaign_id = ${id}`.execute(deps.db);
  const taken = Map.groupBy(
    sink.mails.flatMap((mail) => mail.recipients),
    (recipient) => recipient,
  );
  const ambiguous = rows.filter((row) => row.state === 'ambiguous').map((row) => row.address);
  const lost = rows.filter((row) => row.state === 'accepted' && !taken.has(row.address));
  const doubled = [...taken].filter(([address, mails]) => mails.length > 1 && !ambiguous.includes(address));
  expect({ lost, doubled, others: rows.filter((row) => !['accepted', 'ambiguous'].includes(row.state)) }).toEqual({
    lost: [],
    doubled: [],
    others: [],
  });
  // One message per connection may be waiting for its reply at each kill.
  expect(ambiguous.length).toBeLessThanOrEqual(8 * KILLS);
});
