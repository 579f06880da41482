import { setTimeout as delay } from 'node:timers/promises';

/** Lets few polls at once to one host; a pass must be given back. */
export interface HostGate {
  /** Undefined when the host stays busy: come back later, and leave the worker to other hosts. */
  enter(url: string, signal: AbortSignal | undefined): Promise<{ leave(): void } | undefined>;
}

const AT_ONCE = 2;
/** A host that answers at once frees its places many times meanwhile; a slow one must not hold up everybody. */
const PATIENCE_MS = 2000;
const LOOK_EVERY_MS = 25;

/** One per worker process: with more workers a host sees as many times the places. */
export function createHostGate(options: { readonly atOnce?: number; readonly patienceMs?: number } = {}): HostGate {
  const { atOnce = AT_ONCE, patienceMs = PATIENCE_MS } = options;
  const inside = new Map<string, number>();
  const isFull = (host: string): boolean => (inside.get(host) ?? 0) >= atOnce;
  return {
    async enter(url, signal) {
      const host = URL.parse(url)?.host ?? '';
      const until = performance.now() + patienceMs;
      while (isFull(host)) {
        if (performance.now() >= until || signal?.aborted === true) {
          return undefined;
        }
        await delay(LOOK_EVERY_MS);
      }
      inside.set(host, (inside.get(host) ?? 0) + 1);
      return { leave: () => leave(inside, host) };
    },
  };
}

function leave(inside: Map<string, number>, host: string): void {
  const left = (inside.get(host) ?? 0) - 1;
  if (left > 0) {
    inside.set(host, left);
  } else {
    inside.delete(host);
  }
}
