import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { OpenDatabase } from '../../../src/platform/postgres/index.ts';
import { createQueueProducer } from '../../../src/platform/queue/index.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { waitFor } from '../../support/wait-for.ts';
import { runAtTerminal, runCourant } from './run-courant.ts';
import type { Settings } from './run-courant.ts';

const ONE_COMMAND_MS = 60_000;
const log = createLogger('error', 'test');

let database: TestDatabase;
let redisUrl: string | undefined;
let settings: Settings;
let folder: string;
let opened: OpenDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  redisUrl = await createTestRedisUrl();
  folder = await mkdtemp(join(tmpdir(), 'courant-cli-'));
  settings = {
    DATABASE_URL: database.url,
    SECRET_KEY: 'cli-tests-0123456789-0123456789-0123456789',
    POSTAL_ADDRESS: '1 Harbour Street',
    DATA_DIR: folder,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  opened = openDatabase(database.url, { log, name: 'cli-test', maxConnections: 2 });
  await writeFile(join(folder, 'news.md'), '# News\n\nHello {{ subscriber.name | default: "reader" }}.\n');
  await runAtTerminal(settings, '', 'migrate');
  await runAtTerminal(settings, '', 'newsletter', 'create', 'The Weekly', '--slug', 'the-weekly');
  await addReaders(3);
}, ONE_COMMAND_MS);

afterAll(async () => {
  await opened.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

async function addReaders(count: number): Promise<void> {
  const { db } = opened;
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
    await db
      .insertInto('subscriptions')
      .values({ subscriber_id, newsletter_id, status: 'active', requested_at: now, confirmed_at: now })
      .execute();
  }
}

const write = (...more: string[]): string[] => [
  'campaign',
  'create',
  join(folder, 'news.md'),
  '--newsletter',
  'the-weekly',
  '--subject',
  'The news',
  ...more,
];

async function createDraft(): Promise<string> {
  const { stdout } = await runAtTerminal(settings, '', ...write());
  return stdout;
}

describe('courant campaign, run by a script', () => {
  it(
    'prints the id alone, schedules in a minute, shows the status, and takes it back',
    async () => {
      const created = await runCourant(settings, ...write('--preheader', 'In short'));
      expect(created).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^\d+\n$/), stderr: '' });
      const id = created.stdout.trim();

      const sent = await runCourant(settings, 'campaign', 'send', id);
      expect(sent).toMatchObject({ exitCode: 0, stdout: '' });
      expect(sent.stderr).toMatch(
        /^Newsletter: The Weekly\nRecipients: 3\nSubject: The news\nIt starts at \S+Z\.\nTake it back .*campaign undo \d+\n$/,
      );

      const status = await runCourant(settings, 'campaign', 'status', id, '--json');
      expect(JSON.parse(status.stdout)).toMatchObject({
        id: Number(id),
        status: 'scheduled',
        preheader: 'In short',
        progress: null,
      });

      const undone = await runCourant(settings, 'campaign', 'undo', id);
      expect(undone).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^status: draft\n/) });
    },
    4 * ONE_COMMAND_MS,
  );

  it(
    'rings for a campaign that starts immediately',
    async () => {
      const id = await createDraft();

      const sent = await runCourant(settings, 'campaign', 'send', id, '--immediately');

      expect(sent.exitCode).toBe(0);
      const queue = createQueueProducer({ databaseUrl: database.url, redisUrl, log });
      await waitFor('the job', async () => ((await queue.depth('campaigns'))?.waiting ?? 0) > 0);
      await queue.close();
    },
    ONE_COMMAND_MS,
  );
});

describe('courant campaign, run by a person', () => {
  it('asks before it sends, and sends nothing without a yes', async () => {
    const id = await createDraft();

    const refused = await runAtTerminal(settings, 'n', 'campaign', 'send', id);

    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('Send to 3? [y/N]');
    expect(refused.stderr).toMatch(/not_confirmed: nothing was sent$/);
    expect((await runAtTerminal(settings, 'y', 'campaign', 'send', id)).exitCode).toBe(0);
    expect((await runAtTerminal(settings, '', 'campaign', 'cancel', id)).stdout).toMatch(/^status: cancelled\n/);
  });

  it('refuses MJML that does not compile with line and reason, and stores nothing', async () => {
    const file = join(folder, 'broken.mjml');
    await writeFile(file, '<mjml>\n<mj-body>\n<mj-nonsense />\n</mj-body>\n</mjml>');
    const before = await opened.db.selectFrom('campaigns').select('id').execute();

    const refused = await runAtTerminal(settings, '', ...write().with(2, file));

    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^mjml_invalid: .*source, line 3: .*mj-nonsense.*$/);
    expect(await opened.db.selectFrom('campaigns').select('id').execute()).toEqual(before);
  });

  it('refuses a test mail to a stranger', async () => {
    const refused = await runAtTerminal(
      settings,
      '',
      'campaign',
      'test',
      await createDraft(),
      '--to',
      'stranger@example.org',
    );

    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^test_address_not_allowed: /) });
  });

  it('refuses a file that is not UTF-8 text', async () => {
    const file = join(folder, 'latin.md');
    await writeFile(file, Buffer.from('Gr\xfc\xdfe', 'latin1'));
    const latin = await runAtTerminal(settings, '', ...write().with(2, file));
    await writeFile(file, 'a\0b');
    const zero = await runAtTerminal(settings, '', ...write().with(2, file));

    expect(latin).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^file_unreadable: .* not UTF-8/) });
    expect(zero).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^invalid_input: source: /) });
  });

  it('says so when there is no such campaign, newsletter or file', async () => {
    const runs = [
      await runAtTerminal(settings, '', 'campaign', 'status', '999999'),
      await runAtTerminal(settings, '', ...write().with(4, 'no-such')),
      await runAtTerminal(settings, '', ...write().with(2, join(folder, 'missing.md'))),
    ];

    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr.split(':')[0]])).toEqual([
      [1, 'campaign_not_found'],
      [1, 'newsletter_not_found'],
      [1, 'file_unreadable'],
    ]);
  });
});

describe('exit codes', () => {
  it(
    'are 2 for wrong usage, 78 for a setting, 1 while the database is away',
    async () => {
      const away = { ...settings, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
      const runs = [
        await runAtTerminal(settings, '', 'campaign', 'send', 'abc'),
        await runAtTerminal(settings, '', 'campaign', 'send', '1', '--at', 'tomorrow'),
        await runAtTerminal({ ...settings, SMTP_URL: 'relay' }, '', 'newsletter', 'list'),
        await runAtTerminal(away, '', 'newsletter', 'list', '--json'),
      ];

      expect(runs.map(({ exitCode }) => exitCode)).toEqual([2, 2, 78, 1]);
      expect(runs[0]?.stderr).toMatch(/^usage: [^\n]+$/);
      expect(runs[2]?.stderr).toMatch(/^setting_invalid: SMTP_URL: /);
      expect(JSON.parse(runs[3]?.stderr ?? '')).toMatchObject({ code: 'database_unavailable' });
    },
    ONE_COMMAND_MS,
  );
});
