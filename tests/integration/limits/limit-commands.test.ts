import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { runAtTerminal } from '../cli/run-courant.ts';
import type { CommandRun, Settings } from '../cli/run-courant.ts';

const ONE_COMMAND_MS = 60_000;
let database: TestDatabase;
let settings: Settings;

beforeAll(async () => {
  database = await createTestDatabase();
  const redisUrl = await createTestRedisUrl();
  settings = {
    DATABASE_URL: database.url,
    SECRET_KEY: 'cli-tests-0123456789-0123456789-0123456789',
    SMTP_URL: 'smtp://localhost:2525?per-second=14&per-day=50000',
    MAIL_FROM: 'news@courant.example',
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  await courant('migrate');
}, ONE_COMMAND_MS);
afterAll(() => database.drop());

const courant = (...args: string[]): Promise<CommandRun> => runAtTerminal(settings, '', ...args);

it('lists, sets and clears limits, those of SMTP_URL among them', async () => {
  const given = await courant('limit', 'list');
  expect(given).toMatchObject({
    exitCode: 0,
    stdout: 'relay:localhost:2525  14/s, 0 of 50000 in a day, from SMTP_URL',
  });

  const set = await courant('limit', 'set', 'domain:gmail.com', '--per-second', '0.5', '--concurrency', '4');
  expect(set).toMatchObject({ exitCode: 0 });
  expect(set.stdout.split('\n')[0]).toBe('domain:gmail.com      0.5/s, 4 at once');

  await courant('limit', 'set', 'relay:localhost:2525', '--per-hour', '100');
  const listed = JSON.parse((await courant('--json', 'limit', 'list')).stdout) as { limits: unknown[] };
  expect(listed.limits).toMatchObject([
    { scope: 'domain:gmail.com', limit: { perSecond: 0.5, concurrency: 4 } },
    { scope: 'relay:localhost:2525', source: 'stored', limit: { perHour: 100, perSecond: null, perDay: null } },
  ]);

  await courant('limit', 'clear', 'domain:gmail.com');
  const cleared = await courant('limit', 'clear', 'relay:localhost:2525');
  expect(cleared.stdout).toBe(given.stdout);
});

it('says what is wrong, as usage where nothing had to be opened', async () => {
  expect(await courant('limit', 'set', 'overall', '--per-day', '0')).toMatchObject({ exitCode: 2 });
  expect(await courant('limit', 'set', 'overall', '--per-second', 'many')).toMatchObject({ exitCode: 2 });
  expect(await courant('limit', 'set', 'overall')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('Say how much'),
  });
  expect(await courant('limit', 'set', 'everything', '--per-day', '5')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^scope_invalid: /),
  });
  expect(await courant('limit', 'clear', 'overall')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^limit_not_found: /),
  });
  const send = ['campaign', 'send', '1', '--at', '2026-12-01T09:00'];
  expect(await courant(...send)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--local-time') });
  expect(await courant('campaign', 'send', '1', '--window', '20:00')).toMatchObject({ exitCode: 2 });
});
