import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { runAtTerminal } from './run-courant.ts';
import type { CommandRun, Settings } from './run-courant.ts';

const ONE_COMMAND_MS = 60_000;

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
}, ONE_COMMAND_MS);

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const courant = (...args: string[]): Promise<CommandRun> => runAtTerminal(settings, '', ...args);

async function textFile(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

it('publishes a file, its heading as the title, now or from a day to come', async () => {
  const file = await textFile('terms.md', '# Our terms\n\nBe kind.\n');
  const now = await courant('legal', 'publish', file, '--kind', 'terms', '--locale', 'EN');
  expect(now).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+$/),
    stderr: expect.stringMatching(/^version 1 \(editorial\), from .* UTC$/),
  });
  await textFile('terms.md', '# Our terms\n\nBe kinder.\n');
  const from = new Date(Date.now() + 86_400_000).toISOString();
  const order = ['--kind', 'terms', '--locale', 'en', '--from', from, '--change', 'acceptance'];
  const later = await courant('legal', 'publish', file, ...order);
  expect(later).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('version 2 (acceptance)') });

  const { stdout } = await courant('legal', 'list');
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^\d+ {2}terms {2}en {2}2 {2}.* UTC {2}acceptance {2}scheduled {2}Our terms$/),
    expect.stringMatching(/^\d+ {2}terms {2}en {2}1 {2}.* UTC {2}editorial {3}current {4}Our terms$/),
  ]);
  const listed = JSON.parse((await courant('--json', 'legal', 'list')).stdout) as unknown[];
  expect(listed).toMatchObject([
    { version: 2, state: 'scheduled' },
    { version: 1, url: '/terms/en/1' },
  ]);

  expect(await courant('legal', 'withdraw', later.stdout)).toMatchObject({ exitCode: 0 });
  expect(await courant('legal', 'withdraw', now.stdout)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^version_in_effect: /),
  });
});

it('says what is missing or wrong, as usage where nothing had to be opened', async () => {
  const plain = await textFile('plain.md', 'No heading.');
  const kind = ['--kind', 'privacy', '--locale', 'de'];
  expect(await courant('legal', 'publish', plain, ...kind)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^title_missing: /),
  });
  expect(await courant('legal', 'publish', plain, ...kind, '--title', 'Datenschutz')).toMatchObject({ exitCode: 0 });
  expect(await courant('legal', 'publish', plain, ...kind, '--title', 'Datenschutz')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^document_unchanged: /),
  });
  for (const wrong of [
    [plain, '--locale', 'de'],
    [plain, '--kind', 'imprint', '--locale', 'de'],
    [plain, '--kind', 'terms', '--locale', 'not a language'],
    [plain, ...kind, '--from', 'tomorrow'],
    [plain, ...kind, '--change', 'shout'],
  ]) {
    expect(await courant('legal', 'publish', ...wrong)).toMatchObject({ exitCode: 2 });
  }
  expect(await courant('legal', 'publish', plain, ...kind, '--title', 'x', '--change', 'acceptance')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^acceptance_of_privacy: /),
  });
});
