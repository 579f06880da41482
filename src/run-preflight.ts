import { fork } from 'node:child_process';
import type { Config } from './config/index.ts';
import { EXIT_FAILED } from './platform/lifecycle/index.ts';
import type { PreflightOrder, PreflightReport } from './preflight.ts';

/** It ended early and has said why on stderr. */
export interface PreflightEnded {
  readonly kind: 'ended';
  readonly exitCode: number;
}

export interface Preflight {
  readonly settings: Promise<{ readonly kind: 'settings'; readonly config: Config } | PreflightEnded>;
  /** The roles may start. */
  migrate(order: PreflightOrder): Promise<{ readonly kind: 'migrated' } | PreflightEnded>;
  readonly done: Promise<{ readonly kind: 'done'; readonly firstAdminLink: string | undefined } | PreflightEnded>;
  stop(): Promise<void>;
}

/** The supervisor's end of `preflight.ts`. */
export function startPreflight(entry: URL, env: Readonly<Record<string, string | undefined>>): Preflight {
  const child = fork(entry, { env, execArgv: [], serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
  const ended = new Promise<PreflightEnded>((resolve) => {
    child.once('error', () => resolve({ kind: 'ended', exitCode: EXIT_FAILED }));
    child.once('exit', (code) => resolve({ kind: 'ended', exitCode: code ?? EXIT_FAILED }));
  });
  const settings = Promise.withResolvers<{ kind: 'settings'; config: Config }>();
  const migrated = Promise.withResolvers<{ kind: 'migrated' }>();
  const done = Promise.withResolvers<{ kind: 'done'; firstAdminLink: string | undefined }>();
  child.on('message', (message) => {
    const report = message as PreflightReport;
    switch (report.type) {
      case 'settings':
        return settings.resolve({ kind: 'settings', config: report.config });
      case 'migrated':
        return migrated.resolve({ kind: 'migrated' });
      case 'done':
        child.disconnect();
        return done.resolve({ kind: 'done', firstAdminLink: report.firstAdminLink });
    }
  });
  return {
    settings: Promise.race([settings.promise, ended]),
    migrate: (order) => {
      child.send(order, () => undefined);
      return Promise.race([migrated.promise, ended]);
    },
    done: Promise.race([done.promise, ended]),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
