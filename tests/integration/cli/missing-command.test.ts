import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { runAtTerminal } from './run-courant.ts';
import type { Settings } from './run-courant.ts';

const LONG_MS = 60_000;

let database: TestDatabase;
let settings: Settings;
let folder: string;
let campaignId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const redisUrl = await createTestRedisUrl();
  folder = await mkdtemp(join(tmpdir(), 'courant-missing-'));
  settings = {
    DATABASE_URL: database.url,
    SECRET_KEY: 'cli-tests-0123456789-0123456789-0123456789',
    POSTAL_ADDRESS: '1 Harbour Street',
    DATA_DIR: folder,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  await runAtTerminal(settings, '', 'migrate');
  await runAtTerminal(settings, '', 'newsletter', 'create', 'The Weekly', '--slug', 'the-weekly');
  await addNamelessReaders(7);
  const file = join(folder, 'news.md');
  await writeFile(file, 'Dear {{ subscriber.name }},\n');
  const created = await runAtTerminal(
    settings,
    '',
    'campaign',
    'create',
    file,
    '--newsletter',
    'the-weekly',
    '--subject',
    'N',
  );
  campaignId = created.stdout;
}, LONG_MS);

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function addNamelessReaders(count: number): Promise<void> {
  const log = createLogger('error', 'test');
  const { db, close } = openDatabase(database.url, { log, name: 'cli-test', maxConnections: 1 });
  const now = new Date();
  const { id: newsletter_id } = await db.selectFrom('newsletters').select('id').executeTakeFirstOrThrow();
  for (let number = 1; number <= count; number += 1) {
    const address = `reader${number}@example.org`;
    const reader = { address, address_key: address, address_hash: Buffer.from(address), address_hash_key_id: 1 };
    const { id: subscriber_id } = await db
      .insertInto('subscribers')
      .values({ ...reader, created_at: now })
      .returning('id')
      .executeTakeFirstOrThrow();
    const subscription = { subscriber_id, newsletter_id, status: 'active' as const };
    await db
      .insertInto('subscriptions')
      .values({ ...subscription, requested_at: now, confirmed_at: now })
      .execute();
  }
  await close();
}

it(
  'campaign send names some of those without a name, says what to do and asks nothing',
  { timeout: LONG_MS },
  async () => {
    const run = await runAtTerminal(settings, 'y', 'campaign', 'send', campaignId);

    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('Without a name: reader1@example.org, reader2@example.org');
    expect(run.stderr).toContain('and 2 more');
    expect(run.stderr).toContain('{{ subscriber.name | default: "reader" }}');
    expect(run.stderr).toContain(`campaign missing ${campaignId}`);
    expect(run.stderr).not.toContain('[y/N]');
  },
);

it('campaign missing lists them as CSV, as JSON and into a file', { timeout: LONG_MS }, async () => {
  const csv = await runAtTerminal(settings, '', 'campaign', 'missing', campaignId);
  expect(csv.exitCode).toBe(0);
  expect(csv.stdout.split(/\r?\n/)).toEqual([
    'email,missing',
    ...Array.from({ length: 7 }, (_, index) => `reader${index + 1}@example.org,subscriber.name`),
  ]);

  const json = await runAtTerminal(settings, '', '--json', 'campaign', 'missing', campaignId);
  expect(JSON.parse(json.stdout.split('\n')[0] ?? '')).toEqual({
    address: 'reader1@example.org',
    missing: ['subscriber.name'],
  });

  const file = join(folder, 'missing.csv');
  await runAtTerminal(settings, '', 'campaign', 'missing', campaignId, file);
  expect((await readFile(file, 'utf8')).split('\r\n')).toHaveLength(9);
});
