import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { runAtTerminal } from './run-courant.ts';
import type { CommandRun, Settings } from './run-courant.ts';

let database: TestDatabase;
let folder: string;
let settings: Settings;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'courant-cli-'));
  const redisUrl = await createTestRedisUrl();
  settings = {
    DATABASE_URL: database.url,
    SECRET_KEY: 'cli-tests-0123456789-0123456789-0123456789',
    DATA_DIR: folder,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  await courant('migrate');
}, 60_000);

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const courant = (...args: string[]): Promise<CommandRun> => runAtTerminal(settings, '', ...args);

it('shows the bounce limits in words, and as JSON', async () => {
  const shown = await courant('bounce', 'limits');

  expect(shown.exitCode).toBe(0);
  expect(shown.stdout.split('\n')).toEqual([
    'a campaign halts when of its last 500 outcomes more than 5 % (at least 25) went to nobody',
    'a campaign halts when of its last 500 outcomes more than 20 % (at least 25) were refused as spam or unauthenticated',
    'an address is closed after 3 soft refusals within 30 days, with no acceptance in between',
  ]);
  expect(JSON.parse((await courant('bounce', 'limits', '--json')).stdout)).toMatchObject({ window: 500, softDays: 30 });
});

it('changes what is named and leaves the rest', async () => {
  await courant('bounce', 'limits', '--hard-percent', '2.5', '--soft-failures', '4');
  await courant('bounce', 'limits', '--window', '1000');

  expect(JSON.parse((await courant('bounce', 'limits', '--json')).stdout)).toEqual({
    window: 1000,
    hardPercent: 2.5,
    hardAtLeast: 25,
    refusedPercent: 20,
    refusedAtLeast: 25,
    softFailures: 4,
    softDays: 30,
  });
});

it('refuses what makes no sense', async () => {
  expect(await courant('bounce', 'limits', '--hard-percent', '120')).toMatchObject({ exitCode: 2 });
  expect(await courant('bounce', 'limits', '--window', '3')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^bounce_limits_invalid: window: /),
  });
});
