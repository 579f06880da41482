import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase, withClient } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { runAtTerminal, runCourant } from '../cli/run-courant.ts';
import type { CommandRun } from '../cli/run-courant.ts';

/** Each starts a PostgreSQL of its own. */
const EMBEDDED_MS = 90_000;
const OTHER_KEY = 'another secret that no system was ever made with';

let folder: string;
let file: string;
let keyless: string;
let written: CommandRun;
const targets: TestDatabase[] = [];

const inFolder = (name: string, ...args: string[]): Promise<CommandRun> =>
  runCourant({ DATA_DIR: join(folder, name) }, ...args);

async function emptyTarget(): Promise<string> {
  const target = await createEmptyDatabase();
  targets.push(target);
  return target.url;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'courant-backup-cli-'));
  // As root, PostgreSQL runs as somebody else, who has to pass through.
  await chmod(folder, 0o755);
  file = join(folder, 'backup');
  keyless = join(folder, 'keyless');
  await inFolder('first', 'newsletter', 'create', 'The Daily');
  written = await inFolder('first', 'backup', file);
  await inFolder('first', 'backup', keyless, '--without-keys');
}, EMBEDDED_MS);

afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.drop()));
});

afterAll(() => rm(folder, { recursive: true }));

describe('backup', () => {
  it('says how much it wrote, and how secret that is', () => {
    expect(written).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^rows: \d+\nbytes: \d+\nschema: \d+\n$/),
      stderr: expect.stringContaining('as secret as the key itself'),
    });
  });

  it(
    'replaces no file by itself, and says what stopped it',
    async () => {
      expect(await inFolder('first', 'backup', file)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^backup_exists: /),
      });
      expect(await inFolder('first', 'backup', join(folder, 'nowhere', 'backup'))).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^file_unwritable: /),
      });
      expect(await inFolder('first', 'backup', file, '--force', '--json')).toMatchObject({ exitCode: 0 });
    },
    EMBEDDED_MS,
  );
});

describe('restore', () => {
  it(
    'moves from the embedded database to DATABASE_URL, and tells no secret unless it is asked',
    async () => {
      const url = await emptyTarget();
      const key = (await readFile(join(folder, 'first', 'secret-key'), 'utf8')).trim();

      const restored = await runCourant({ DATABASE_URL: url, DATA_DIR: folder }, 'restore', file);
      expect(restored).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Set SECRET_KEY') });
      expect(`${restored.stdout}${restored.stderr}`).not.toContain(key);
      expect(await runCourant({}, 'restore', file, '--print-key')).toMatchObject({ exitCode: 0, stdout: `${key}\n` });

      const settings = { DATABASE_URL: url, SECRET_KEY: key };
      expect(await runCourant(settings, 'newsletter', 'list')).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('the-daily'),
      });
      expect(await runCourant({ ...settings, SECRET_KEY: OTHER_KEY }, 'newsletter', 'list')).toMatchObject({
        exitCode: 78,
      });
      expect((await runCourant(settings, 'sending', 'status')).stdout).toMatch(
        /^held: campaigns and issues, since a backup/,
      );
      expect(await runCourant(settings, 'release')).toMatchObject({ exitCode: 0 });
      expect((await runCourant(settings, 'sending', 'status')).stdout).toMatch(/^sending: nothing holds mails back/);
    },
    EMBEDDED_MS,
  );

  it(
    'makes an embedded database with the key of the backup, once',
    async () => {
      expect(await inFolder('second', 'restore', file)).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining('courant release'),
      });
      const key = join(folder, 'second', 'secret-key');
      expect((await stat(key)).mode & 0o777).toBe(0o600);
      expect(await readFile(key, 'utf8')).toBe(await readFile(join(folder, 'first', 'secret-key'), 'utf8'));
      expect((await inFolder('second', 'newsletter', 'list')).stdout).toContain('the-daily');

      expect(await inFolder('second', 'restore', file)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^database_not_empty: .*DATA_DIR/),
      });
    },
    EMBEDDED_MS,
  );

  it(
    'refuses other keys before it opens anything (exit 78)',
    async () => {
      const url = await emptyTarget();

      expect(await runCourant({ DATABASE_URL: url, SECRET_KEY: OTHER_KEY }, 'restore', file)).toMatchObject({
        exitCode: 78,
        stderr: expect.stringMatching(/SECRET_KEY: is not the key/),
      });
      expect(await inFolder('third', 'restore', keyless)).toMatchObject({
        exitCode: 78,
        stderr: expect.stringMatching(/SECRET_KEY: the backup was made without keys/),
      });
      expect(existsSync(join(folder, 'third'))).toBe(false);
      expect(await hasTables(url)).toBe(false);

      const key = (await readFile(join(folder, 'first', 'secret-key'), 'utf8')).trim();
      expect(await runCourant({ DATABASE_URL: url, SECRET_KEY: key }, 'restore', keyless)).toMatchObject({
        exitCode: 0,
      });
    },
    EMBEDDED_MS,
  );

  it(
    'leaves neither data nor key behind when it fails',
    async () => {
      const damaged = join(folder, 'damaged');
      const bytes = await readFile(file);
      await writeFile(damaged, bytes.subarray(0, bytes.length / 2));

      expect(await inFolder('fourth', 'restore', damaged)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^backup_damaged: /),
      });
      expect(existsSync(join(folder, 'fourth'))).toBe(false);
      expect(await inFolder('fourth', 'restore', join(folder, 'no-such-file'))).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^file_unreadable: /),
      });
    },
    EMBEDDED_MS,
  );

  it(
    'draws a bar at a terminal',
    async () => {
      const run = await runAtTerminal({ DATABASE_URL: await emptyTarget() }, '', 'restore', file);

      expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/\[#+\] 100 % \d+\/\d+ rows/) });
    },
    EMBEDDED_MS,
  );
});

function hasTables(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    const { rows } = await client.query(`select 1 from pg_tables where schemaname = 'public'`);
    return rows.length > 0;
  });
}
