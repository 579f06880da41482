import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type pg from 'pg';
import type { BenchContext } from './benchmark.ts';
import { readNumbers } from './bench-database.ts';
import { percentile } from './statistics.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('signup-rows.sql', import.meta.url));
/** Without what the lane adds when it decides. */
const SIGNUP_ROWS = {
  subscribers: 'select * from subscribers',
  signup_requests: `select id, subscriber_id, newsletter_ids, name, locale, time_zone, status, requested_at, due_at, expires_at
    from signup_requests`,
  consent_records: `select * from consent_records where action = 'requested'`,
  consent_personal: 'select * from consent_personal',
  signup_limits: 'select * from signup_limits',
} as const;
/** A fresh database gives its first rows these; a wrong one would break a foreign key. */
const FIRST_IDS = ['--define=newsletter=1', '--define=terms=1', '--define=privacy=2'] as const;
const ROWS_COMPARED = 10_000;
/** Addresses of readers differ in length by that much. */
const WIDTH_TOLERANCE = 0.1;

export interface RowLimit {
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** How fast this server takes the rows of a sign-up from pgbench, as statements prepared once for each connection. */
export async function measureRowLimit(
  context: BenchContext,
  pgbench: string,
  databaseUrl: string,
  load: { readonly clients: number; readonly seconds: number },
): Promise<RowLimit> {
  const folder = await mkdtemp(join(tmpdir(), 'courant-pgbench-'));
  try {
    const options = {
      protocol: 'prepared',
      file: SCRIPT,
      client: load.clients,
      jobs: 2,
      time: load.seconds,
      'log-prefix': join(folder, 'times'),
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    const { stdout } = await run(pgbench, ['--no-vacuum', '--log', ...FIRST_IDS, ...args], {
      // The password must not be in the list of processes.
      env: { PATH: process.env['PATH'], ...connectionEnvironment(databaseUrl) },
      timeout: load.seconds * 1000 + 60_000,
      signal: context.stopped,
    });
    return { perSecond: readRate(stdout), p99Ms: percentile(await readTimes(folder), 0.99) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function connectionEnvironment(databaseUrl: string): Readonly<Record<string, string>> {
  const url = new URL(databaseUrl);
  return {
    PGHOST: url.hostname.replace(/^\[|\]$/g, ''),
    PGPORT: url.port === '' ? '5432' : url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: url.pathname.slice(1),
  };
}

export function readRate(pgbenchOutput: string): number {
  const failed = Number(/^number of failed transactions: (\d+)/m.exec(pgbenchOutput)?.[1] ?? 0);
  const rate = Number(/^tps = ([\d.]+)/m.exec(pgbenchOutput)?.[1]);
  if (failed > 0 || Number.isNaN(rate)) {
    throw new Error(`pgbench did not measure:\n${pgbenchOutput}`);
  }
  return rate;
}

/** Milliseconds of each transaction: the third field of a line of pgbench's log has the microseconds. */
async function readTimes(folder: string): Promise<readonly number[]> {
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Number(line.split(' ')[2]) / 1000),
  );
}

/** @throws Error when pgbench's rows have become others than those of a sign-up. */
export async function requireSameRows(limit: pg.Client, real: pg.Client): Promise<void> {
  for (const [table, rows] of Object.entries(SIGNUP_ROWS)) {
    const query = `select avg(pg_column_size(t.*)) as width from (${rows} limit ${ROWS_COMPARED}) t`;
    const [limitRow, realRow] = await Promise.all([limit, real].map((client) => readNumbers(client, ['width'], query)));
    const ratio = (limitRow?.width ?? Number.NaN) / (realRow?.width ?? Number.NaN);
    if (!(Math.abs(ratio - 1) <= WIDTH_TOLERANCE)) {
      throw new Error(
        `signup-rows.sql writes rows of ${limitRow?.width} bytes to ${table}, a sign-up of ${realRow?.width}: bring it up to date`,
      );
    }
  }
}
