/** `npm run bench -- NAME [--json FILE] [--profile FOLDER]`: one benchmark, which ends by itself and leaves nothing behind. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { asError } from '../src/shared/app-error.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { isMet } from './figure.ts';
import { benchDigest } from './digest.ts';
import { benchFeeds } from './feeds.ts';
import { benchImport } from './import.ts';
import { benchLedger } from './ledger.ts';
import { printFigures } from './print-figures.ts';
import { benchSend } from './send.ts';
import { benchSendMillion } from './send-million.ts';
import { benchSignup } from './signup.ts';
import { benchStart } from './start.ts';
import { summariseProfiles } from './summarise-profiles.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  start: benchStart,
  signup: benchSignup,
  send: benchSend,
  'send-million': benchSendMillion,
  digest: benchDigest,
  feeds: benchFeeds,
  import: benchImport,
  ledger: benchLedger,
};
const USAGE = `usage: npm run bench -- NAME [--json FILE] [--profile FOLDER]
NAME is one of: ${Object.keys(BENCHMARKS).join(', ')}`;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

interface Order {
  readonly name: string;
  readonly benchmark: Benchmark;
  readonly jsonFile: string | undefined;
  readonly profileFolder: string | undefined;
}

function readOrder(): Order | undefined {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'string' }, profile: { type: 'string' } },
    });
    const [name = '', ...more] = positionals;
    const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
    const profileFolder = values.profile === undefined ? undefined : resolve(values.profile);
    return benchmark === undefined || more.length > 0
      ? undefined
      : { name, benchmark, jsonFile: values.json, profileFolder };
  } catch {
    return undefined;
  }
}

/** Aborts at the first Ctrl-C or SIGTERM, so that everything is ended in order. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  }
  return controller.signal;
}

async function measure({ benchmark, profileFolder }: Order): Promise<BenchResult> {
  const cleanup = new AsyncDisposableStack();
  const stopped = stopOnSignal();
  const say = (line: string): void => console.error(line);
  const aborted = new Promise<never>((_, reject) => {
    stopped.addEventListener('abort', () => reject(asError(stopped.reason)), { once: true });
  });
  try {
    return await Promise.race([benchmark({ cleanup, stopped, say, profileFolder }), aborted]);
  } finally {
    // Said and not thrown: it would take the place of what failed first.
    await cleanup.disposeAsync().catch((error: unknown) => console.error(error));
  }
}

function toJson(name: string, { figures, notes }: BenchResult): string {
  const rows = figures.map((figure) => ({ ...figure, met: isMet(figure) }));
  const machine = { cpus: availableParallelism(), memory: totalmem() };
  return `${JSON.stringify({ name, at: new Date().toISOString(), machine, rows, notes }, null, 2)}\n`;
}

async function main(): Promise<number> {
  const order = readOrder();
  if (order === undefined) {
    console.error(USAGE);
    return EXIT_USAGE;
  }
  try {
    const result = await measure(order);
    console.log(printFigures(result));
    if (order.jsonFile !== undefined) {
      await writeFile(order.jsonFile, toJson(order.name, result));
    }
    if (order.profileFolder !== undefined) {
      console.log(await summariseProfiles(order.profileFolder));
    }
    return 0;
  } catch (error) {
    console.error(error);
    return EXIT_FAILED;
  }
}

process.exit(await main());
