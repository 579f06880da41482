import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SUPERVISED_VARIABLE } from '../../../src/platform/lifecycle/role-messages.ts';
import type { FailPoint } from '../../../src/shared/fail-points.ts';

const ENTRY = new URL('../../../workers/demo-worker.ts', import.meta.url);
const COMPILE_CACHE = fileURLToPath(new URL('../../../node_modules/.cache/courant', import.meta.url));

/** `dot:3`: the third time the process gets there it is killed. */
export type FailAt = `${FailPoint}:${number}`;

export interface WorkerProcess {
  readonly pid: number;
  /** Resolves when it has registered and looks for work. */
  readonly ready: Promise<void>;
  /** The signal that ended it; null when it ended by itself. */
  readonly exited: Promise<NodeJS.Signals | null>;
  readonly isRunning: boolean;
  signal(name: NodeJS.Signals): void;
  /** With SIGTERM: it finishes what is under way. */
  stop(): Promise<void>;
}

export function startWorkerProcess(
  environment: Readonly<Record<string, string>>,
  failAt: FailAt | undefined,
): WorkerProcess {
  const child = fork(ENTRY, {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      [SUPERVISED_VARIABLE]: '1',
      ...environment,
      ...(failAt === undefined ? {} : { COURANT_FAIL_AT: failAt }),
    },
  });
  let isRunning = true;
  const exited = once(child, 'exit').then(([, signal]) => {
    isRunning = false;
    return signal as NodeJS.Signals | null;
  });
  const ready = once(child, 'message').then(() => undefined);
  // Whoever kills it before that does not wait for it.
  ready.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    get isRunning() {
      return isRunning;
    },
    signal: (name) => child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
