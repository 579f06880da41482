import { AppError, asError } from '../../shared/app-error.ts';
import { createLogger } from '../logging/index.ts';
import { isLostTerminal } from './lost-terminal.ts';
import { EXIT_FAILED, EXIT_OK, EXIT_SETTING, SUPERVISED_VARIABLE } from './role-messages.ts';
import type { RoleInfo, RoleMessage } from './role-messages.ts';

export interface StartedRole {
  /** Told to the supervisor once the role does its work. */
  readonly ready: RoleInfo;
  /** Ends the work in hand; called once. What it has not ended after `withinMs` is cut off by the exit. */
  stop(withinMs: number): Promise<void>;
}

export interface Role {
  readonly name: string;
  readonly stopWithinMs: number;
  start(): Promise<StartedRole>;
}

/** On top of the time that `stop` is given, before the process ends without it. */
const OVERRUN_MS = 250;

/**
 * Runs one role as this process: starts it, tells the supervisor, and ends it once on SIGTERM, on Ctrl-C, or when the
 * supervisor is gone. Under a supervisor Ctrl-C and a closed terminal are ignored: they reach the whole group at once,
 * and the supervisor keeps the order. It owns the process: call it once, and nothing after it.
 */
export function runRole(role: Role): void {
  const supervised = process.env[SUPERVISED_VARIABLE] === '1' && process.send !== undefined;
  process.on('uncaughtException', (error) => dieOf(role.name, error));
  process.on('unhandledRejection', (reason) => dieOf(role.name, asError(reason)));
  const starting = startRole(role);
  let stopping = false;
  const stop = (): void => {
    if (!stopping) {
      stopping = true;
      void stopRole(role, starting);
    }
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', supervised ? ignoreSignal : stop);
  process.on('SIGHUP', supervised ? ignoreSignal : stop);
  if (supervised) {
    process.on('disconnect', stop);
    // It may have died while this process was still importing.
    if (!process.connected) {
      stop();
    }
  }
}

async function startRole(role: Role): Promise<StartedRole> {
  try {
    const started = await role.start();
    await tellSupervisor({ type: 'ready', info: started.ready });
    return started;
  } catch (error) {
    return refuseStart(role.name, asError(error));
  }
}

/** A wrong setting is one line for a person; anything else is logged with its stack. */
async function refuseStart(name: string, error: Error): Promise<never> {
  await tellSupervisor({ type: 'failed', message: error.message });
  if (error instanceof AppError && error.kind === 'setting') {
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_SETTING);
  }
  dieOf(name, error);
  process.exit(EXIT_FAILED);
}

async function stopRole(role: Role, starting: Promise<StartedRole>): Promise<void> {
  setTimeout(() => process.exit(EXIT_FAILED), role.stopWithinMs + OVERRUN_MS);
  const started = await starting;
  await started.stop(role.stopWithinMs);
  process.exit(EXIT_OK);
}

/** The state is unknown: nothing is tidied up, the rows tell the next process where to go on. */
function dieOf(name: string, error: Error): void {
  if (!isLostTerminal(error)) {
    createLogger('fatal', name).fatal({ err: error }, 'this process ends');
    process.exit(EXIT_FAILED);
  }
}

/** Resolves also when the channel is closed: then `disconnect` ends this process. */
function tellSupervisor(message: RoleMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) {
      resolve();
    } else {
      process.send(message, undefined, undefined, () => resolve());
    }
  });
}

function ignoreSignal(): void {
  // The supervisor got it too.
}
