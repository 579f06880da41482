import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchContext, BenchResult } from './benchmark.ts';
import type { Figure } from './figure.ts';
import { cloneTree, installClone } from './fresh-clone.ts';
import type { Installation } from './fresh-clone.ts';
import { measureTreeMemory } from './process-memory.ts';
import type { MemoryUse } from './process-memory.ts';
import { spawnStart } from './start-process.ts';
import { median, medianBy } from './statistics.ts';

const TREE = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 3;
const IDLE_MS = 10_000;
const COLD_TARGET_MS = 6000;
const WARM_TARGET_MS = 3000;
const MEMORY_TARGET_MB = 400;

/** How long `npm ci` and `npm start` take, and how much memory all of it needs when nothing happens. */
export async function benchStart(context: BenchContext): Promise<BenchResult> {
  const rounds: Round[] = [];
  for (let index = 1; index <= ROUNDS; index += 1) {
    const round = await playRound(context);
    context.say(
      `round ${index}: cold ${Math.round(round.coldMs)} ms, warm ${Math.round(round.warmMs)} ms, ` +
        `idle ${Math.round(round.idle.pssMb)} MB`,
    );
    rounds.push(round);
  }
  context.say('npm ci in a fresh clone');
  const fresh = await measureFreshClone(context);
  const { idle } = medianBy(rounds, (round) => round.idle.pssMb);
  return {
    figures: [
      time('start, empty data', median(rounds.map((round) => round.coldMs)), COLD_TARGET_MS),
      time('start, existing data', median(rounds.map((round) => round.warmMs)), WARM_TARGET_MS),
      time('very first start of a clone', fresh.firstStartMs, COLD_TARGET_MS),
      { figure: 'idle memory, PSS', value: idle.pssMb, unit: 'MB', target: { atMost: MEMORY_TARGET_MB } },
      { figure: 'idle memory, RSS', value: idle.rssMb, unit: 'MB' },
      { figure: 'processes', value: idle.processes, unit: '' },
      { figure: 'npm ci', value: fresh.installation.seconds, unit: 's' },
      { figure: 'node_modules', value: fresh.installation.nodeModulesMb, unit: 'MB' },
    ],
    notes: [
      `starts: from the spawn of node to the third line, the median of ${ROUNDS}; npm itself is not in it`,
      'the very first start of a clone has neither data nor compiled code in node_modules/.cache',
      `memory: supervisor, web, worker and PostgreSQL together, ${IDLE_MS / 1000} s after a start on empty data. PSS counts a page ` +
        'that processes share once; RSS counts it for each of them, so that sum is more than the machine gives',
      "npm ci: the last commit, with npm's cache of packages as it is on this machine; it also builds the admin app",
    ],
  };
}

interface Round {
  readonly coldMs: number;
  readonly warmMs: number;
  readonly idle: MemoryUse;
}

/** The first start on empty data, a look at it when it has calmed down, and a second start on what it left. */
async function playRound(context: BenchContext): Promise<Round> {
  const folder = await makeFolder(context);
  const cold = await spawnStart(context, TREE, join(folder, 'data'));
  await delay(IDLE_MS);
  const idle = await measureTreeMemory(cold.pid);
  await cold.stop();
  const warm = await spawnStart(context, TREE, join(folder, 'data'));
  await warm.stop();
  return { coldMs: cold.readyMs, warmMs: warm.readyMs, idle };
}

async function measureFreshClone(
  context: BenchContext,
): Promise<{ readonly installation: Installation; readonly firstStartMs: number }> {
  const folder = await makeFolder(context);
  const clone = join(folder, 'courant');
  await cloneTree(context, TREE, clone);
  const installation = await installClone(context, clone);
  const first = await spawnStart(context, clone, join(folder, 'data'));
  await first.stop();
  return { installation, firstStartMs: first.readyMs };
}

async function makeFolder(context: BenchContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'courant-bench-'));
  context.cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  // Under root PostgreSQL runs as another user, who has to reach its data and programs here.
  await chmod(folder, 0o755);
  return folder;
}

function time(figure: string, value: number, atMost: number): Figure {
  return { figure, value, unit: 'ms', target: { atMost } };
}
