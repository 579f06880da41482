/**
 * `npm run test:faults`: the crash tests alone. `-- --seeds 200` is the long run of random seeds, `-- --seed 17` one of them once more;
 * `--queue redis` leaves out the other queue, `--results FILE` writes a line for each case, from which `--table FILE` makes the table of
 * docs/guarantees.md. Everything else goes to vitest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { QUEUES } from '../support/queue-kinds.ts';
import { tabulate } from './support/tabulate.ts';

const { values, positionals } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    queue: { type: 'string' },
    results: { type: 'string' },
    table: { type: 'string' },
  },
  allowPositionals: true,
});

if (values.table !== undefined) {
  process.stdout.write(`${tabulate(await readFile(values.table, 'utf8'))}\n`);
} else {
  process.exitCode = await runTests();
}

async function runTests(): Promise<number> {
  const given = { SEED: values.seed, SEEDS: values.seeds, FAULT_RESULTS: values.results };
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined);
  const queues = QUEUES.filter((queue) => (values.queue ?? queue) === queue);
  const isOneKind = values.seed !== undefined || values.seeds !== undefined;
  const args = [
    'run',
    ...queues.flatMap((queue) => ['--project', `faults-${queue}-queue`]),
    ...(isOneKind ? ['tests/faults/sending/seeds.test.ts'] : []),
    ...positionals,
  ];
  const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    env: { ...process.env, ...Object.fromEntries(chosen) },
    stdio: 'inherit',
  });
  const [code] = (await once(vitest, 'exit')) as [number | null];
  return code ?? 1;
}
