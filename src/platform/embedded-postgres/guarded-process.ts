import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ServerAccount } from './server-account.ts';

/**
 * Runs the server in a session of its own, where Ctrl-C of the terminal does not reach it, and holds a pipe from us. The
 * pipe ends with us, however we die: then the server gets SIGINT (fast shutdown) too. A line on the pipe asks for it at
 * once; without one the roles get two seconds first, so that they can still write down what became of mails in flight.
 */
const GUARDIAN = `
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
( read -r asked <&3 || sleep 2; kill -INT "$server" ) 2>/dev/null &
watcher=$!
exec 3<&-
trap '' INT TERM HUP QUIT
wait "$server"
status=$?
kill -KILL "$watcher" 2>/dev/null
exit "$status"
`;

export interface GuardedProcess {
  /** Ends with the server; the text says how. */
  readonly exited: Promise<string>;
  /** The last lines that the server wrote. */
  readonly lastLines: readonly string[];
  /** Fast shutdown: open transactions are rolled back, data are written. */
  askToStop(): void;
  /** SIGQUIT: ends at once and recovers at the next start. SIGKILL: the same without asking. */
  signal(name: 'SIGQUIT' | 'SIGKILL'): void;
}

const KEPT_LINES = 20;

export function startGuarded(
  command: string,
  args: readonly string[],
  account: ServerAccount | undefined,
  onLine: (line: string) => void,
): GuardedProcess {
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'courant-postgres', command, ...args], {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  const lastLines: string[] = [];
  createInterface({ input: guardian.stderr }).on('line', (line) => {
    lastLines.push(line);
    lastLines.splice(0, lastLines.length - KEPT_LINES);
    onLine(line);
  });
  // The guardian may be gone when we ask: 'close' says so, an error of the pipe adds nothing.
  guardian.stdin.on('error', () => undefined);
  const exited = new Promise<string>((resolve) => {
    guardian.once('error', (error) => resolve(error.message));
    guardian.once('close', (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  return {
    exited,
    lastLines,
    askToStop: () => guardian.stdin.end('stop\n'),
    signal: (name) => signalGroup(guardian.pid, name),
  };
}

function signalGroup(pid: number | undefined, signal: 'SIGQUIT' | 'SIGKILL'): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended in between.
  }
}
