import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Balance } from '../../src/demo/balance.ts';
import { listProcessTree, waitUntilGone } from '../support/process-tree.ts';
import { waitFor } from '../support/wait-for.ts';

const TAKES_MS = 180_000;
const COURANT = ['src/cli/main.ts', 'demo', 'crash', '--json'];

/** Everything that it makes is to be in here, and gone at the end. */
let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'courant-demo-test-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

function startDemo(): {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exited: Promise<number | null>;
} {
  const child = spawn(process.execPath, COURANT, {
    env: { PATH: process.env['PATH'], TMPDIR: temporary },
    // A process group of its own, as at a terminal.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { pid: child.pid ?? 0, exited, stdout: () => output.stdout, stderr: () => output.stderr };
}

it(
  '`demo crash` kills three workers, and the log of the mail server agrees with the ledger',
  { timeout: TAKES_MS },
  async () => {
    const demo = startDemo();
    expect({ code: await demo.exited, said: demo.stderr() }).toMatchObject({ code: 0 });
    const { readers, accepted, ambiguous, ...rest } = JSON.parse(demo.stdout()) as Balance;
    expect(rest).toMatchObject({ lost: 0, doubled: 0, phantom: 0 });
    expect({ readers, sum: accepted + ambiguous }).toEqual({ readers: 2000, sum: 2000 });
    expect(demo.stderr().match(/kill -9/g)).toHaveLength(3);
    expect(await readdir(temporary)).toEqual([]);
  },
);

it(
  'Ctrl-C ends `demo crash` with all that it has started, and leaves nothing behind',
  { timeout: TAKES_MS },
  async () => {
    const demo = startDemo();
    await waitFor('workers', () => demo.stderr().includes('workers send'), 60_000);
    const all = await listProcessTree(demo.pid);
    expect(all.length).toBeGreaterThan(4);

    process.kill(-demo.pid, 'SIGINT');
    expect(await demo.exited).toBe(1);
    expect(demo.stderr()).toContain('demo_stopped');
    await waitUntilGone(all);
    expect(await readdir(temporary)).toEqual([]);
  },
);
