import type { DeliveryId } from '../shared/ids.ts';
import type { Gauge } from './gauge.ts';

/** A message that may begin later than this gets no place yet: places that are taken and not used are lost. */
const AHEAD_MS = 2000;
/** What waits no longer than this for the whole relay waits in the worker's hands. */
const HELD_MS = 10_000;
/** Before the next place is free, so that none is missed. */
const EARLY_MS = 1000;

export interface ReservationRow {
  readonly id: DeliveryId;
  /** As `mailDomainOf` gives it. */
  readonly domain: string;
}

export interface Postponed {
  readonly ids: readonly DeliveryId[];
  readonly until: Date;
  /** `limit domain:example.org` or `pause relay:mail.example.org:587`. */
  readonly reason: string;
}

/** What became of a batch, in instants since 1970. */
export interface ReservationPlan {
  readonly startAtMs: ReadonlyMap<DeliveryId, number>;
  readonly held: { readonly ids: readonly DeliveryId[]; readonly untilMs: number } | null;
  readonly postponed: readonly Postponed[];
  /** Before that nothing can go over the relay, to whatever domain; 0 unless that is long. */
  readonly closedUntilMs: number;
}

/** What a batch runs into, by the state of which it is planned. */
export interface Standing {
  readonly nowMs: number;
  /** Overall and the relay: what they hold back nobody else could send either. */
  readonly shared: readonly Gauge[];
  readonly gaugeOf: (domain: string) => Gauge | undefined;
  /** The scope that is paused and until when: the relay's pause, or else the domain's. */
  readonly pauseOf: (domain: string) => { readonly scope: string; readonly untilMs: number } | undefined;
}

/** Gives places in the order of the rows. Pure but for the gauges, which are the batch's own copies. */
export function planReservation(rows: readonly ReservationRow[], standing: Standing): ReservationPlan {
  const { nowMs } = standing;
  const startAtMs = new Map<DeliveryId, number>();
  const held: DeliveryId[] = [];
  const postponed = createPostponements();
  let heldUntilMs = 0;
  let closedUntilMs = 0;
  for (const { id, domain } of rows) {
    const pause = standing.pauseOf(domain);
    if (pause !== undefined) {
      postponed.add(id, pause.untilMs, `pause ${pause.scope}`);
      continue;
    }
    const own = standing.gaugeOf(domain);
    const gauges = own === undefined ? standing.shared : [...standing.shared, own];
    const [slowest, startMs] = findSlowest(gauges, nowMs);
    if (slowest === undefined || startMs <= nowMs + AHEAD_MS) {
      gauges.forEach((gauge) => gauge.take(startMs));
      if (startMs > nowMs) {
        startAtMs.set(id, startMs);
      }
      continue;
    }
    if (slowest !== own) {
      // The first one that has to wait: those behind it wait longer.
      if (startMs - nowMs <= HELD_MS) {
        held.push(id);
        heldUntilMs ||= startMs - EARLY_MS;
        continue;
      }
      closedUntilMs ||= startMs - EARLY_MS;
    }
    postponed.add(id, slowest.putOff(), `limit ${slowest.scope}`);
  }
  return {
    startAtMs,
    held: held.length === 0 ? null : { ids: held, untilMs: heldUntilMs },
    postponed: postponed.list(),
    closedUntilMs,
  };
}

function findSlowest(gauges: readonly Gauge[], nowMs: number): readonly [Gauge | undefined, number] {
  let slowest: Gauge | undefined;
  let startMs = nowMs;
  for (const gauge of gauges) {
    const freeAtMs = gauge.freeAtMs();
    if (freeAtMs > startMs) {
      slowest = gauge;
      startMs = freeAtMs;
    }
  }
  return [slowest, startMs];
}

/** Those of one reason and one moment together: they become one block. */
function createPostponements(): {
  add(id: DeliveryId, untilMs: number, reason: string): void;
  list(): readonly Postponed[];
} {
  const groups = new Map<string, { readonly ids: DeliveryId[]; readonly until: Date; readonly reason: string }>();
  return {
    add: (id, untilMs, reason) => {
      const until = new Date(Math.ceil(untilMs));
      const key = `${until.getTime()} ${reason}`;
      const group = groups.get(key) ?? { ids: [], until, reason };
      group.ids.push(id);
      groups.set(key, group);
    },
    list: () => [...groups.values()],
  };
}
