import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { openBenchServer, prepareDatabase, readNumbers, settingsFor, withClient } from './bench-database.ts';
import type { BenchContext, BenchResult } from './benchmark.ts';
import { compare } from './figure.ts';
import { readPeakMemoryMb } from './process-memory.ts';

const CLI = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const ROWS = 1_000_000;
/** Times as long as a bare COPY of the rows that come of it. */
const TIME_TARGET = 4;
/** The rows that an import writes, in the order in which they refer to each other. */
const TABLES = ['subscribers', 'subscriptions', 'consent_records', 'consent_personal'] as const;
const LOOK_AT_MEMORY_MS = 250;

/** `subscribers import` of a million rows, beside COPY of the same rows into the same tables with the same indexes. */
export async function benchImport(context: BenchContext): Promise<BenchResult> {
  const server = await openBenchServer(context);
  const databaseUrl = await server.createDatabase();
  const copyUrl = await server.createDatabase();
  await prepareDatabase(databaseUrl);
  await prepareDatabase(copyUrl);
  const folder = await makeFolder(context);
  const file = join(folder, 'readers.csv');
  context.say(`writing a file of ${ROWS} rows`);
  await writeReaders(file);
  context.say('subscribers import');
  const imported = await runImport(context, databaseUrl, file);
  await requireRows(databaseUrl);
  context.say('COPY of the same rows');
  const copySeconds = await copyRows(databaseUrl, copyUrl, folder);
  return {
    figures: [
      compare({
        figure: 'import of a million rows',
        value: imported.seconds,
        unit: 's',
        limit: copySeconds,
        target: { ratioAtMost: TIME_TARGET },
      }),
      { figure: 'peak memory, first half', value: imported.peakEarlyMb, unit: 'MB' },
      { figure: 'peak memory, whole import', value: imported.peakMb, unit: 'MB' },
    ],
    notes: [
      server.note,
      `limit: COPY of ${TABLES.join(', ')} as the import left them into an empty database, indexes and foreign keys in place`,
      'the import: the whole command, from reading the CSV to the exit of the process',
    ],
  };
}

async function makeFolder(context: BenchContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'courant-bench-'));
  context.cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  // PostgreSQL may run as another user and writes the files of COPY here.
  await chmod(folder, 0o777);
  return folder;
}

async function writeReaders(file: string): Promise<void> {
  function* rows(): Generator<string> {
    yield 'email,name,locale,basis,evidence,consented_at\n';
    const block: string[] = [];
    for (let index = 1; index <= ROWS; index += 1) {
      block.push(
        `reader.${index * 7919}@mail-${index % 500}.example,Robin Reader ${index},en,consent,"Form on example.org, entry ${index}",2025-03-14T09:26:53Z\n`,
      );
      if (block.length === 1000 || index === ROWS) {
        yield block.splice(0).join('');
      }
    }
  }
  await pipeline(Readable.from(rows()), createWriteStream(file));
}

interface ImportRun {
  readonly seconds: number;
  readonly peakEarlyMb: number;
  readonly peakMb: number;
}

async function runImport(context: BenchContext, databaseUrl: string, file: string): Promise<ImportRun> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [CLI, 'subscribers', 'import', file, '--newsletter', 'the-weekly'], {
    env: { PATH: process.env['PATH'], ...settingsFor(databaseUrl) },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: context.stopped,
  });
  const peaks: { readonly atMs: number; readonly mb: number }[] = [];
  const timer = setInterval(() => {
    readPeakMemoryMb(child.pid ?? 0)
      .then((mb) => peaks.push({ atMs: performance.now() - startedAt, mb }))
      .catch(() => undefined);
  }, LOOK_AT_MEMORY_MS);
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  clearInterval(timer);
  if (code !== 0) {
    throw new Error(`the import failed:\n${errors}`);
  }
  const tookMs = performance.now() - startedAt;
  return {
    seconds: tookMs / 1000,
    peakEarlyMb: Math.max(...peaks.filter(({ atMs }) => atMs < tookMs / 2).map(({ mb }) => mb)),
    peakMb: Math.max(...peaks.map(({ mb }) => mb)),
  };
}

async function requireRows(databaseUrl: string): Promise<void> {
  const counts = await withClient(databaseUrl, (client) =>
    readNumbers(
      client,
      TABLES,
      `select ${TABLES.map((table) => `(select count(*) from ${table}) as ${table}`).join(', ')}`,
    ),
  );
  if (TABLES.some((table) => counts[table] !== ROWS)) {
    throw new Error(`not every row came in: ${JSON.stringify(counts)}`);
  }
}

async function copyRows(fromUrl: string, toUrl: string, folder: string): Promise<number> {
  await withClient(fromUrl, async (client) => {
    for (const table of TABLES) {
      await client.query(`copy ${table} to '${folder}/${table}'`);
    }
  });
  const startedAt = performance.now();
  await withClient(toUrl, async (client) => {
    for (const table of TABLES) {
      await client.query(`copy ${table} from '${folder}/${table}'`);
    }
  });
  return (performance.now() - startedAt) / 1000;
}
