import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findFreePort } from './server-process.ts';
import { waitFor } from './wait-for.ts';

const ENTRY = fileURLToPath(new URL('fixtures/start-fixture-roles.ts', import.meta.url));
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/courant', import.meta.url));
const READY_WITHIN_MS = 60_000;

export interface FixtureStart {
  readonly pid: number;
  readonly port: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when it has printed its last line. */
  ready(): Promise<void>;
  /** What Ctrl-C does: the signal goes to the whole foreground group at once. */
  pressCtrlC(): void;
  readonly exited: Promise<number | null>;
}

export interface FixtureStartOptions {
  readonly dataDir: string;
  readonly port?: number;
  /** A module beside the fixtures, in place of the usual one. */
  readonly web?: string;
  /** Migrates, as `npm start` does. */
  readonly realPreflight?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** `npm start` as a process of its own, with small roles. */
export async function startFixture(options: FixtureStartOptions): Promise<FixtureStart> {
  const port = options.port ?? (await findFreePort());
  const child = spawn(process.execPath, [ENTRY], {
    // Only what it needs: the settings of whoever runs the tests must not leak in.
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: options.dataDir,
      PORT: String(port),
      LOG_LEVEL: 'debug',
      // As `npm start` does.
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...(options.web === undefined ? {} : { FIXTURE_WEB: options.web }),
      ...(options.realPreflight === true ? { FIXTURE_PREFLIGHT: '../../../src/preflight.ts' } : {}),
      ...options.env,
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options.owner,
  });
  const { pid } = child;
  if (pid === undefined) {
    throw new Error('the fixture could not be spawned');
  }
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return {
    pid,
    port,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    exited,
    ready: async () => {
      await waitFor('the lines of the start', () => output.stdout.includes('first admin here'), READY_WITHIN_MS).catch(
        (error: unknown) => {
          throw new Error(`not ready:\n${output.stdout}${output.stderr}`, { cause: error });
        },
      );
    },
    pressCtrlC: () => process.kill(-pid, 'SIGINT'),
  };
}
