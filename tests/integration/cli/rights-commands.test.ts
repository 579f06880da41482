import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/rights/evidence.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { startTestSystem, TEST_SECRET } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, signUp, statusesOf } from '../subscriptions/reader.ts';
import { runAtTerminal, runCourant } from './run-courant.ts';
import type { CommandRun, Settings } from './run-courant.ts';

const ONE_COMMAND_MS = 60_000;

let system: TestSystem;
let folder: string;
let settings: Settings;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  folder = await mkdtemp(join(tmpdir(), 'courant-rights-'));
  const redisUrl = await createTestRedisUrl();
  settings = {
    DATABASE_URL: system.deps.databaseUrl,
    SECRET_KEY: TEST_SECRET,
    DATA_DIR: folder,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  for (const address of ['=cmd@readers.example', 'bea@readers.example', 'cleo@readers.example']) {
    await becomeReader(system, address);
  }
  await signUp(system, 'dora@readers.example', { name: 'Dora "Dot", of the Sea' });
}, ONE_COMMAND_MS);
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});

const courant = (...args: string[]): Promise<CommandRun> => runAtTerminal(settings, 'no', ...args);
const jsonOf = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await courant('--json', ...args)).stdout) as Record<string, unknown>;

async function auditOf(action: string): Promise<readonly unknown[]> {
  return system.deps.db.selectFrom('audit_log').select(['actor', 'details']).where('action', '=', action).execute();
}

describe('consent export', () => {
  it('prints the evidence as JSON, and writes a page to print that needs nothing else', async () => {
    const page = join(folder, 'evidence.html');

    const { exitCode, stdout } = await courant(
      'consent',
      'export',
      'bea@readers.example',
      '--html',
      page,
      '--locale',
      'de',
    );

    expect(exitCode).toBe(0);
    const evidence = JSON.parse(stdout) as Evidence;
    expect(evidence).toMatchObject({ format: 'courant-evidence', exportedBy: 'cli' });
    expect(evidence.declarations.map(({ action }) => action)).toEqual(['requested', 'granted']);
    const html = await readFile(page, 'utf8');
    expect(html).toContain('<html lang="de"');
    expect(html).not.toMatch(/<(?:script|link|img)\b/);
    expect((await stat(page)).mode & 0o777).toBe(0o600);
    expect(await auditOf('evidence.exported')).toMatchObject([{ actor: 'cli' }]);
  });

  it.each([
    ['nobody@elsewhere.example', 1, /^evidence_not_found: /],
    ['not an address', 2, /not a mail address/],
  ])('says why there is none of %s', async (address, exitCode, stderr) => {
    expect(await courant('consent', 'export', address)).toMatchObject({
      exitCode,
      stdout: '',
      stderr: expect.stringMatching(stderr),
    });
  });

  it('says why the page cannot be written', async () => {
    const run = await courant('consent', 'export', 'bea@readers.example', '--html', join(folder, 'no/such/place.html'));

    expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^file_unwritable: .*ENOENT/) });
  });
});

describe('subscriber suppress and lift', () => {
  it('close and open an address, known or not', async () => {
    for (const address of ['cleo@readers.example', 'unknown@elsewhere.example']) {
      expect((await courant('subscriber', 'suppress', address)).exitCode).toBe(0);
      expect((await courant('subscriber', 'suppressions', address)).stdout).toMatch(/^\d+ {2}manual {2}.* cli$/);
      expect((await courant('subscriber', 'lift', address, '--why', 'a misunderstanding')).stderr).toMatch(
        /open again/,
      );
      expect((await courant('subscriber', 'suppressions', address)).stdout).toBe('');
    }
    expect(await auditOf('suppression.lifted')).toHaveLength(2);
  });

  it('refuse to lift without a reason, with an address in it, and where nothing is open', async () => {
    expect((await courant('subscriber', 'lift', 'bea@readers.example')).exitCode).toBe(2);
    expect(
      (await courant('subscriber', 'lift', 'bea@readers.example', '--why', 'bea@readers.example asked')).stderr,
    ).toMatch(/^invalid_input: .*Leave addresses out/);
    expect((await courant('subscriber', 'lift', 'bea@readers.example', '--why', 'she asked')).stderr).toMatch(
      /^suppression_not_found/,
    );
  });
});

describe('subscribers export', () => {
  it('writes every subscriber as CSV that a spreadsheet does not run (S12)', async () => {
    const file = join(folder, 'all.csv');
    await courant('subscriber', 'suppress', 'cleo@readers.example');

    const run = await courant('subscribers', 'export', file);

    expect(run).toMatchObject({ exitCode: 0, stdout: '' });
    const lines = (await readFile(file, 'utf8')).split('\r\n');
    expect(lines[0]).toBe(
      'email,name,locale,timezone,newsletters,status,requested_at,confirmed_at,unsubscribed_at,sections,frequency,suppressed',
    );
    expect(lines.slice(1, -1).map((line) => line.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T'))).toEqual([
      "'=cmd@readers.example,,,,the-weekly,active,T,T,,,,",
      'bea@readers.example,,,,the-weekly,active,T,T,,,,',
      'cleo@readers.example,,,,the-weekly,suppressed,T,T,,,,manual',
      'dora@readers.example,,,,,,,,,,,',
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await auditOf('subscribers.exported')).toMatchObject([{ actor: 'cli', details: {} }]);
  });

  it('takes a newsletter and a status', async () => {
    const file = join(folder, 'some.csv');

    expect(await jsonOf('subscribers', 'export', file, '--newsletter', 'the-weekly', '--status', 'active')).toEqual({
      file,
      rows: 3,
    });
    expect(await courant('subscribers', 'export', file, '--newsletter', 'no-such')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^newsletter_not_found: /),
    });
    expect((await courant('subscribers', 'export', file, '--status', 'happy')).exitCode).toBe(2);
  });

  it('says why a file cannot be written, and leaves nothing half', async () => {
    const run = await courant('subscribers', 'export', join(folder, 'no/such/place.csv'));

    expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^file_unwritable: .*ENOENT/) });
    expect((await readdir(folder)).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  });
});

describe('subscriber erase', () => {
  it('asks at a terminal, and refuses to guess in a script', async () => {
    expect(await courant('subscriber', 'erase', 'bea@readers.example')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/not_confirmed: nobody was erased$/),
    });
    expect(await runCourant(settings, 'subscriber', 'erase', 'bea@readers.example')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^not_confirmed: .*--yes/),
    });
    expect(await statusesOf(system.deps, 'bea@readers.example')).toEqual(['the-weekly:active']);
  });

  it('forgets the person, whose evidence stays findable by the address', async () => {
    const run = await courant('subscriber', 'erase', 'bea@readers.example', '--yes');

    expect(run).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringMatching(/restricted, until \d{4}-01-01/),
    });
    expect(await courant('subscriber', 'show', 'bea@readers.example')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^subscriber_not_found: /),
    });
    const evidence = JSON.parse((await courant('consent', 'export', 'bea@readers.example')).stdout) as Evidence;
    expect(evidence.declarations.map(({ action }) => action)).toEqual(['requested', 'granted', 'withdrawn', 'erased']);
    expect((await courant('subscriber', 'lift', 'bea@readers.example', '--why', 'she asked')).stderr).toMatch(
      /^suppression_not_liftable: /,
    );
  });
});
