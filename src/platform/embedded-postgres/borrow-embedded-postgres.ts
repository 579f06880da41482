import { setTimeout as delay } from 'node:timers/promises';
import { conflict } from '../../shared/app-error.ts';
import { openEmbeddedPostgres } from './open-embedded-postgres.ts';
import type { EmbeddedDeps } from './open-embedded-postgres.ts';
import { findRunningEmbedded } from './run-file.ts';
import type { Settings } from './run-file.ts';
import { ensureSecretKey } from './secret-key.ts';

export interface BorrowedPostgres {
  readonly databaseUrl: string;
  readonly secretKey: string;
  /** Of the start that runs; none when the server was started for this. */
  readonly settings: Settings;
  /** Ends the server if it was started for this. */
  giveBack(): Promise<void>;
}

const WAIT_MS = 30_000;
const STOP_WITHIN_MS = 5000;

/**
 * For a command without DATABASE_URL: the server of the `npm start` that runs, else one for its own duration. While that
 * start is still coming up, or another command has a server of its own, it waits up to half a minute.
 */
export async function borrowEmbeddedPostgres(deps: EmbeddedDeps, dataDir: string): Promise<BorrowedPostgres> {
  const giveUpAt = performance.now() + WAIT_MS;
  for (;;) {
    const running = await findRunningEmbedded(dataDir);
    // The server of another command would end under our hands.
    if (running?.holder === 'start') {
      const secretKey = await ensureSecretKey(dataDir);
      const { databaseUrl, settings } = running;
      return { databaseUrl, secretKey, settings, giveBack: () => Promise.resolve() };
    }
    const opened = await openEmbeddedPostgres(deps, { dataDir, holder: 'command', settings: {} });
    if (opened.kind === 'open') {
      const { databaseUrl, stop } = opened.postgres;
      const secretKey = await ensureSecretKey(dataDir);
      return { databaseUrl, secretKey, settings: {}, giveBack: () => stop(STOP_WITHIN_MS) };
    }
    if (performance.now() > giveUpAt) {
      throw conflict('data_dir_in_use', `${dataDir} is in use by process ${opened.pid ?? 'unknown'}; try again later`);
    }
    await delay(100);
  }
}
