import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { settingError } from '../../shared/app-error.ts';

/** Who opened the server: `npm start`, which others may lean on, or a command that closes it when it is done. */
export const HOLDERS = ['start', 'command'] as const;
export type Holder = (typeof HOLDERS)[number];

/** Values by the names of their variables. */
export type Settings = Readonly<Record<string, string>>;

export interface RunFile {
  readonly pid: number;
  readonly holder: Holder;
  /** What the holder was told, for commands that lean on it: links have to name its port, feeds may be where it may go. */
  readonly settings: Settings;
  /** Null until the server accepts connections. Holds the password. */
  readonly databaseUrl: string | null;
}

const pathIn = (dataDir: string): string => join(dataDir, 'run.json');

/** Whole or not at all: a reader never sees half a file. */
export async function writeRunFile(dataDir: string, content: RunFile): Promise<void> {
  const path = pathIn(dataDir);
  await writeFile(`${path}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function removeRunFile(dataDir: string): Promise<void> {
  await rm(pathIn(dataDir), { force: true });
}

/** What the file says; it may be left over from a process that was killed. */
export async function readRunFile(dataDir: string): Promise<RunFile | undefined> {
  try {
    return parseRunFile(await readFile(pathIn(dataDir), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw settingError('DATA_DIR', `${pathIn(dataDir)} cannot be read; run this as the user who started Courant`);
  }
}

function parseRunFile(text: string): RunFile {
  const { pid, holder, databaseUrl, settings } = JSON.parse(text) as Record<string, unknown>;
  const knownHolder = HOLDERS.find((known) => known === holder);
  if (typeof pid !== 'number' || knownHolder === undefined) {
    throw new TypeError('run.json is not one of ours');
  }
  return {
    pid,
    holder: knownHolder,
    settings: parseSettings(settings),
    databaseUrl: typeof databaseUrl === 'string' ? databaseUrl : null,
  };
}

function parseSettings(value: unknown): Settings {
  const entries = Object.entries(value ?? {}).flatMap(([name, text]) =>
    typeof text === 'string' ? [[name, text] as const] : [],
  );
  return Object.fromEntries(entries);
}

export interface RunningEmbedded {
  readonly databaseUrl: string;
  readonly pid: number;
  readonly holder: Holder;
  readonly settings: Settings;
}

/** The embedded server that runs on this data directory and answers now. */
export async function findRunningEmbedded(dataDir: string): Promise<RunningEmbedded | undefined> {
  const file = await readRunFile(dataDir);
  if (file === undefined || file.databaseUrl === null || !isAlive(file.pid)) {
    return undefined;
  }
  if (!(await answers(new URL(file.databaseUrl)))) {
    return undefined;
  }
  return { databaseUrl: file.databaseUrl, pid: file.pid, holder: file.holder, settings: file.settings };
}

/** True also for processes of other users. A process id may have been used again: ask more before relying on it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function answers(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), timeout: 2000 });
    const settle = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', settle(true)).once('error', settle(false)).once('timeout', settle(false));
  });
}
