import { setTimeout as delay } from 'node:timers/promises';

/** Waits for `work`, but no longer than `timeoutMs`; true when it came to an end in time. */
export async function withDeadline(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const timeout = delay(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    timer.abort();
  }
}
