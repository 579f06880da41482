import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { listProcessTree, waitUntilGone } from './process-tree.ts';

const START_DEADLINE_MS = 20_000;
const KEPT_OUTPUT_LENGTH = 4000;

export interface ServerRecipe {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Removed, with all that is in it, when the server is stopped. */
  readonly directory: string;
  /** Who it runs as; needed by PostgreSQL, which refuses to run as root. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** The signal that ends it in order. */
  readonly stopSignal: NodeJS.Signals;
  isReady(): Promise<boolean>;
}

export interface ServerProcess {
  /** Sends the signal and waits until the process and all it had started are gone. The data stays. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, whether it was killed or still runs. */
  restart(): Promise<void>;
  /** Ends it and removes its data. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a server, waits until it answers, and takes it down with this process, whatever ends this process. */
export async function startServerProcess(recipe: ServerRecipe): Promise<ServerProcess> {
  let child: ChildProcess | undefined;
  const abandon = (): void => {
    child?.kill('SIGKILL');
    rmSync(recipe.directory, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', abandon);

  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      // Sessions of PostgreSQL outlive a postmaster that was killed by a moment, in which they may still commit.
      const all = process.platform === 'linux' ? await listProcessTree(child.pid) : [];
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
      await waitUntilGone(all);
    }
    child = undefined;
  };
  const stop = async (): Promise<void> => {
    await kill(recipe.stopSignal);
    process.off('exit', abandon);
    rmSync(recipe.directory, { recursive: true, force: true, maxRetries: 3 });
  };
  const restart = async (): Promise<void> => {
    await kill(recipe.stopSignal);
    child = await launch(recipe);
  };

  try {
    await restart();
  } catch (error) {
    await stop();
    throw error;
  }
  return { kill, restart, stop };
}

/**
 * A process that ends at once is started again until the deadline: after a `kill -9` of PostgreSQL its children may hold
 * the shared memory for a moment, and a free port may have been taken in between.
 */
async function launch(recipe: ServerRecipe): Promise<ChildProcess> {
  const deadline = performance.now() + START_DEADLINE_MS;
  let output = '';
  while (performance.now() < deadline) {
    const child = spawn(recipe.command, recipe.args, {
      cwd: recipe.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...recipe.owner,
    });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT_LENGTH);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const ended = once(child, 'exit').catch(keepSpawnError);
    while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      if (await recipe.isReady()) {
        return child;
      }
      if (performance.now() > deadline) {
        child.kill('SIGKILL');
      }
      await Promise.race([ended, delay(25)]);
    }
    await ended;
    await delay(100);
  }
  throw new Error(`${recipe.name} did not start:\n${output}`);

  function keepSpawnError(error: unknown): void {
    output += String(error);
  }
}

/** Below the ports that systems give to who asks for any, which another process might be given meanwhile. */
const PORTS = { from: 12_000, to: 32_000 };

/** A port of the loopback interface that was free a moment ago, and that nobody gets by chance. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
