import { chmod, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reachDatabase } from '../../src/cli/session.ts';
import {
  borrowEmbeddedPostgres,
  ensureSecretKey,
  findRunningEmbedded,
  openEmbeddedPostgres,
} from '../../src/platform/embedded-postgres/index.ts';
import type { EmbeddedPostgres } from '../../src/platform/embedded-postgres/index.ts';
import { createLogger } from '../../src/platform/logging/index.ts';
import { waitFor } from '../support/wait-for.ts';

const TIMEOUT_MS = 60_000;
const STOP_WITHIN_MS = 5000;
const printed: string[] = [];
const deps = { log: createLogger('silent', 'test'), print: (line: string) => printed.push(line) };

let dataDir: string;
let opened: EmbeddedPostgres | undefined;

async function open(): Promise<EmbeddedPostgres> {
  const settings = { PORT: '3210', FETCH_ALLOW: '127.0.0.0/8' };
  const outcome = await openEmbeddedPostgres(deps, { dataDir, holder: 'start', settings });
  if (outcome.kind !== 'open') {
    throw new Error(`it is ${outcome.kind}`);
  }
  opened = outcome.postgres;
  return outcome.postgres;
}

async function query(databaseUrl: string, sql: string): Promise<readonly unknown[][]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows;
  } finally {
    await client.end();
  }
}

const postmasterFile = (): string => join(dataDir, 'postgres', 'cluster', 'postmaster.pid');

/** One cluster for all of these tests: making one takes longer than most of them. */
beforeAll(async () => {
  dataDir = await realpath(await mkdtemp(join(tmpdir(), 'courant-embedded-')));
  await chmod(dataDir, 0o755);
}, TIMEOUT_MS);

afterEach(async () => {
  await opened?.stop(STOP_WITHIN_MS);
  opened = undefined;
});

afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

describe('the embedded PostgreSQL', { timeout: TIMEOUT_MS }, () => {
  it('keeps what was acknowledged, speaks UTF-8, and listens on this machine only, to who has the password', async () => {
    const { databaseUrl } = await open();
    const settings = ['fsync', 'synchronous_commit', 'full_page_writes', 'server_encoding', 'data_checksums'];
    const shown = await Promise.all(settings.map((name) => query(databaseUrl, `show ${name}`)));
    expect(shown.flat(2)).toEqual(['on', 'on', 'on', 'UTF8', 'on']);
    expect(await query(databaseUrl, 'show listen_addresses')).toEqual([['127.0.0.1']]);
    expect(await query(databaseUrl, 'show unix_socket_directories')).toEqual([['']]);
    expect(await query(databaseUrl, 'show max_connections')).toEqual([['200']]);

    const stranger = new URL(databaseUrl);
    stranger.password = 'guessed';
    await expect(query(stranger.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    expect((await stat(join(dataDir, 'postgres', 'password'))).mode & 0o777).toBe(0o600);
    expect(printed).toEqual([]);
  });

  it('has the same data after a stop and a new start, and is found while it runs', async () => {
    const first = await open();
    await query(first.databaseUrl, 'create table kept as select 42 as answer');
    expect(await findRunningEmbedded(dataDir)).toEqual({
      databaseUrl: first.databaseUrl,
      pid: process.pid,
      holder: 'start',
      settings: { PORT: '3210', FETCH_ALLOW: '127.0.0.0/8' },
    });
    expect((await stat(join(dataDir, 'run.json'))).mode & 0o777).toBe(0o600);
    await first.stop(STOP_WITHIN_MS);
    expect(await findRunningEmbedded(dataDir)).toBeUndefined();

    const second = await open();
    expect(await query(second.databaseUrl, 'select answer from kept')).toEqual([[42]]);
  });

  it('has one owner at a time', async () => {
    await open();
    const again = await openEmbeddedPostgres(deps, { dataDir, holder: 'start', settings: {} });
    expect(again).toEqual({ kind: 'already-running', pid: process.pid });
  });

  it('ends within the time that it is given, also with open sessions', async () => {
    const { databaseUrl, stop } = await open();
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('begin');
    const startedAt = performance.now();
    await stop(STOP_WITHIN_MS);
    expect(performance.now() - startedAt).toBeLessThan(STOP_WITHIN_MS);
    await expect(client.query('select 1')).rejects.toThrow(/terminat|closed|not queryable/i);
  });

  it('is started again on the same port when it crashes', async () => {
    const { databaseUrl } = await open();
    const before = Number((await readFile(postmasterFile(), 'utf8')).split('\n')[0]);
    process.kill(before, 'SIGKILL');
    const rows = await waitFor('the new server', async () => {
      const now = Number((await readFile(postmasterFile(), 'utf8')).split('\n')[0]);
      return now !== before && query(databaseUrl, 'select 1');
    });
    expect(rows).toEqual([[1]]);
  });

  it('starts over a left-over postmaster.pid whose process id belongs to somebody else now', async () => {
    const first = await open();
    const file = await readFile(postmasterFile(), 'utf8');
    await first.stop(STOP_WITHIN_MS);
    await writeFile(postmasterFile(), file.replace(/^\d+/, String(process.pid)));
    const second = await open();
    expect(await query(second.databaseUrl, 'select 1')).toEqual([[1]]);
  });

  it('is left alone by a run.json of a process that was killed', async () => {
    const content = { pid: process.pid, holder: 'start', databaseUrl: 'postgres://courant:x@127.0.0.1:1/postgres' };
    await writeFile(join(dataDir, 'run.json'), JSON.stringify(content));
    expect(await findRunningEmbedded(dataDir)).toBeUndefined();
    await open();
    expect((await findRunningEmbedded(dataDir))?.databaseUrl).toBe(opened?.databaseUrl);
  });
});

describe('a command without DATABASE_URL', { timeout: TIMEOUT_MS }, () => {
  it('uses the server and the settings of the running start and leaves it running', async () => {
    const { databaseUrl } = await open();
    const borrowed = await borrowEmbeddedPostgres(deps, dataDir);
    expect(borrowed).toMatchObject({ databaseUrl, settings: { PORT: '3210' } });
    await borrowed.giveBack();
    expect(await query(databaseUrl, 'select 1')).toEqual([[1]]);
  });

  it('names the port of the running start in links, unless it is told another', async () => {
    await open();
    const lent = await reachDatabase({ DATA_DIR: dataDir, PORT: '' }, (line) => printed.push(line));
    expect(lent.config).toMatchObject({ publicUrl: 'http://localhost:3210', fetchAllow: ['127.0.0.0/8'] });
    const told = await reachDatabase({ DATA_DIR: dataDir, PORT: '3211' }, (line) => printed.push(line));
    expect(told.config).toMatchObject({ publicUrl: 'http://localhost:3211', fetchAllow: ['127.0.0.0/8'] });
  });

  it('has a server of its own otherwise; the next command waits until that one has ended', async () => {
    const first = await borrowEmbeddedPostgres(deps, dataDir);
    let secondCame = false;
    const waiting = borrowEmbeddedPostgres(deps, dataDir).then((borrowed) => {
      secondCame = true;
      return borrowed;
    });
    expect(await query(first.databaseUrl, 'select 1')).toEqual([[1]]);
    expect(secondCame).toBe(false);
    await first.giveBack();
    const second = await waiting;
    expect(await query(second.databaseUrl, 'select 1')).toEqual([[1]]);
    await second.giveBack();
    expect(await findRunningEmbedded(dataDir)).toBeUndefined();
  });
});

describe('the secret key', () => {
  it('is made once, for its owner only, whoever comes first', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => ensureSecretKey(dataDir)));
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[A-Za-z\d+/]{64}$/);
    expect(await ensureSecretKey(dataDir)).toBe(keys[0]);
    expect((await stat(join(dataDir, 'secret-key'))).mode & 0o777).toBe(0o600);
  });
});
