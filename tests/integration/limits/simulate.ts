import type { Limiter } from '../../../src/limits/index.ts';
import type { SendingLane } from '../../../src/jobs/index.ts';
import type { DeliveryId } from '../../../src/shared/ids.ts';
import type { FakeClock } from '../../support/fake-clock.ts';

export interface Row {
  readonly id: DeliveryId;
  readonly domain: string;
}

let lastId = 0;

export function rowsTo(domain: string, count: number): readonly Row[] {
  return Array.from({ length: count }, () => ({ id: (lastId += 1) as DeliveryId, domain }));
}

/** A message that began, by the clock that both workers share. */
export interface Start {
  readonly atMs: number;
  readonly domain: string;
}

/** Seldom enough for days to pass quickly. */
const CLOSED_MS = 60_000;

interface Worker {
  readonly limiter: Limiter;
  held: { readonly rows: readonly Row[]; readonly untilMs: number } | null;
}

/**
 * What workers do with limits: claim due rows, ask for places, keep what is held, put off what is postponed, and begin the rest in its
 * place. Time passes on the fake clock only. Ends when no row is left or the time is over.
 */
export async function sendAll(
  clock: FakeClock,
  limiters: readonly Limiter[],
  rows: readonly Row[],
  options: { readonly forMs: number; readonly batch?: number; readonly lane?: SendingLane; readonly relay?: string },
): Promise<{ readonly starts: readonly Start[]; readonly left: number; readonly batches: number }> {
  const { batch = 200, lane = 'campaigns', relay = 'relay.example:587', forMs } = options;
  const endMs = clock.monotonicMs() + forMs;
  const workers: Worker[] = limiters.map((limiter) => ({ limiter, held: null }));
  let waiting = rows.map((row) => ({ row, dueMs: clock.now().getTime() }));
  const starts: Start[] = [];
  let batches = 0;

  async function work(worker: Worker): Promise<boolean> {
    const nowMs = clock.monotonicMs();
    if (worker.held !== null && worker.held.untilMs > nowMs) {
      return false;
    }
    const mine = [...(worker.held?.rows ?? [])];
    worker.held = null;
    if (mine.length === 0 && (await worker.limiter.closedUntilMs(relay, lane)) === 0) {
      const due = waiting.filter(({ dueMs }) => dueMs <= clock.now().getTime()).slice(0, batch);
      waiting = waiting.filter((one) => !due.includes(one));
      mine.push(...due.map(({ row }) => row));
    }
    if (mine.length === 0) {
      return false;
    }
    batches += 1;
    const { startAtMs, held, postponed } = await worker.limiter.reserve(mine, relay, lane);
    const keptIds = new Set(held?.ids);
    const untilOf = new Map(postponed.flatMap(({ ids, until }) => ids.map((id) => [id, until.getTime()] as const)));
    worker.held = held === null ? null : { rows: mine.filter(({ id }) => keptIds.has(id)), untilMs: held.untilMs };
    for (const row of mine) {
      const dueMs = untilOf.get(row.id);
      if (dueMs !== undefined) {
        waiting.push({ row, dueMs });
      } else if (!keptIds.has(row.id)) {
        starts.push({ atMs: startAtMs.get(row.id) ?? nowMs, domain: row.domain });
      }
    }
    return true;
  }

  for (;;) {
    const worked = await Promise.all(workers.map((worker) => work(worker)));
    if (worked.some(Boolean)) {
      continue;
    }
    const nowMs = clock.monotonicMs();
    const nextMs = Math.min(
      ...workers.map(({ held }) => held?.untilMs ?? Number.POSITIVE_INFINITY),
      // Due and not claimed: the relay is closed.
      ...waiting.map(({ dueMs }) =>
        dueMs > clock.now().getTime() ? nowMs + dueMs - clock.now().getTime() : nowMs + CLOSED_MS,
      ),
    );
    const isOver = nextMs === Number.POSITIVE_INFINITY || nextMs > endMs;
    if (isOver) {
      const heldCount = workers.reduce((sum, { held }) => sum + (held?.rows.length ?? 0), 0);
      return {
        starts: starts.toSorted((one, other) => one.atMs - other.atMs),
        left: waiting.length + heldCount,
        batches,
      };
    }
    clock.advance(Math.max(1, Math.ceil(nextMs - clock.monotonicMs())));
  }
}

/** The most that began within any window of that length. */
export function mostWithin(starts: readonly Start[], windowMs: number): number {
  let first = 0;
  let most = 0;
  for (const [last, { atMs }] of starts.entries()) {
    while ((starts[first]?.atMs ?? atMs) <= atMs - windowMs) {
      first += 1;
    }
    most = Math.max(most, last - first + 1);
  }
  return most;
}
