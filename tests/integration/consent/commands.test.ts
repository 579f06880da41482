import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAtTerminal, runCourant } from '../cli/run-courant.ts';
import type { CommandRun, Settings } from '../cli/run-courant.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { ARCHIVE_SECRET, openArchive } from './archive.ts';
import type { Archive } from './archive.ts';

const ONE_COMMAND_MS = 60_000;

let archive: Archive;
let folder: string;
let file: string;
let settings: Settings;
const courant = (...args: string[]): Promise<CommandRun> => runAtTerminal(settings, '', 'consent', ...args);

beforeAll(async () => {
  archive = await openArchive();
  folder = await mkdtemp(join(tmpdir(), 'courant-heads-'));
  file = join(folder, 'heads.jsonl');
  const redisUrl = await createTestRedisUrl();
  settings = {
    DATABASE_URL: archive.url,
    SECRET_KEY: ARCHIVE_SECRET,
    DATA_DIR: folder,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
}, ONE_COMMAND_MS);
afterAll(async () => {
  await archive.close();
  await rm(folder, { recursive: true });
});

describe('consent heads', () => {
  it('has nothing to print before the first seal', async () => {
    expect(await courant('heads')).toMatchObject({ exitCode: 0, stdout: '', stderr: 'Nothing is sealed yet.' });
  });

  it('prints the newest seal as a line that can be appended, with or without --json', async () => {
    await archive.sealEach(1, 2, 3);

    const plain = await courant('heads');

    expect(JSON.parse(plain.stdout)).toEqual({
      sealId: 3,
      hash: expect.stringMatching(/^[\da-f]{64}$/),
      sealedAt: '2026-11-23T07:00:02.000Z',
      records: 3,
    });
    expect(await courant('heads', '--json')).toMatchObject({ stdout: plain.stdout });
    await writeFile(file, `${plain.stdout}\n`);
  });

  it('prints those after a seal, or all of them, counting from the first record', async () => {
    const all = (await courant('heads', '--after', '0')).stdout
      .split('\n')
      .map((line) => JSON.parse(line) as { records: number });
    const some = (await courant('heads', '--after', '2')).stdout;

    expect(all.map(({ records }) => records)).toEqual([1, 2, 3]);
    expect(some).toBe((await readFile(file, 'utf8')).trim());
    expect(await courant('heads', '--after', 'x')).toMatchObject({ exitCode: 2 });
  });
});

describe('consent verify', () => {
  it('says that all is well, what is not sealed yet, and that exported heads were found again', async () => {
    await archive.declare(4);

    const { exitCode, stdout } = await courant('verify', '--heads', file);

    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^intact: 3 records in 3 seals, head [\da-f]{64}$/),
      'exported heads found again: 1',
      'records not sealed yet: 1',
    ]);
    expect(JSON.parse((await courant('verify', '--json')).stdout)).toMatchObject({
      kind: 'intact',
      records: 3,
      unsealed: 1,
    });
    await archive.seal();
  });

  it.each([
    ['that does not exist', undefined, 'file_unreadable'],
    ['that holds something else', 'sealId,hash\n', 'heads_invalid: line 1'],
    ['with half a line', '\n{"sealId":1,"hash":"ab"}\n', 'heads_invalid: line 2'],
  ])('refuses a file of heads %s', async (_what, content, message) => {
    const other = join(folder, 'other.jsonl');
    if (content !== undefined) {
      await writeFile(other, content);
    }

    const run = await courant('verify', '--heads', other);

    expect(run).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
  });

  it(
    'ends with 1 and names the first record that does not fit',
    async () => {
      await archive.db.transaction().execute(async (tx) => {
        await sql`set local session_replication_role = replica`.execute(tx);
        await sql`update consent_records set actor = 'admin:1' where id in (2, 3)`.execute(tx);
      });

      const [plain, json] = await Promise.all([
        runCourant(settings, 'consent', 'verify'),
        runCourant(settings, 'consent', 'verify', '--json'),
      ]);

      expect(plain).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: 'consent_tampered: record_changed (record 2, seal 2): a record is no longer what was sealed\n',
      });
      expect(JSON.parse(json.stderr)).toMatchObject({
        code: 'consent_tampered',
        problem: 'record_changed',
        recordId: 2,
        sealId: 2,
      });
    },
    ONE_COMMAND_MS,
  );
});
