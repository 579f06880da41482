import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 20;

/**
 * Polls until `probe` gives something other than undefined, null or false, and returns it. A probe that throws counts as
 * "not yet": the last error becomes the cause when the deadline passes.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  deadlineMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  let cause: unknown;
  do {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) {
        return value;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(POLL_INTERVAL_MS);
  } while (performance.now() < deadline);
  throw new Error(`waited ${deadlineMs} ms for ${what}`, { cause });
}
