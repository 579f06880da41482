import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { WORKER_FLAGS } from '../src/platform/lifecycle/index.ts';
import type { BenchContext } from './benchmark.ts';

const ENTRIES = {
  web: new URL('../src/web.ts', import.meta.url),
  worker: new URL('../workers/main.ts', import.meta.url),
} as const;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;
const KEPT_OUTPUT_LENGTH = 4000;

export interface RoleProcess {
  readonly pid: number;
  /** Of a web process. */
  readonly port: number;
  /** As a publisher stops it: SIGTERM. May be called twice. @throws when it had ended by itself. */
  stop(): Promise<void>;
}

/** The settings of a role, without those of whoever runs the benchmark. */
export type RoleSettings = Readonly<Record<string, string>>;

/** Starts `npm run web` or `npm run worker` as a process of its own and waits until it says that it is ready. */
export async function startRole(
  context: BenchContext,
  role: keyof typeof ENTRIES,
  settings: RoleSettings,
  options: { readonly profiled?: boolean; readonly execArgv?: readonly string[] } = {},
): Promise<RoleProcess> {
  const { profileFolder } = context;
  const profile = options.profiled === true && profileFolder !== undefined ? profileFolder : undefined;
  if (profile !== undefined) {
    await mkdir(profile, { recursive: true });
  }
  context.stopped.throwIfAborted();
  const child = fork(ENTRIES[role], {
    env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'warn', ...settings },
    execArgv: [
      ...(role === 'worker' ? WORKER_FLAGS : []),
      ...(options.execArgv ?? []),
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
    ],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT_LENGTH);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = once(child, 'exit');
  const failure = (): Error => new Error(`the ${role} process ended:\n${output}`);
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;

  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) {
      return;
    }
    isStopped = true;
    if (isGone()) {
      throw failure();
    }
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await exited;
    clearTimeout(cut);
  };
  context.cleanup.defer(stop);

  const ready = new Promise<number>((resolve, reject) => {
    child.on('message', (message) => {
      if (isReady(message)) {
        resolve(message.info.port ?? 0);
      }
    });
    exited.then(
      () => reject(failure()),
      () => reject(failure()),
    );
    setTimeout(
      () => reject(new Error(`the ${role} process was not ready in time:\n${output}`)),
      READY_WITHIN_MS,
    ).unref();
  });
  const port = await ready;
  if (child.pid === undefined) {
    throw failure();
  }
  return { pid: child.pid, port, stop };
}

function isReady(message: unknown): message is { readonly info: { readonly port?: number } } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}
