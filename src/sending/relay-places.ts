import type { SendingLane } from '../jobs/index.ts';
import type { Clock } from '../shared/clock.ts';

/** Connections that bulk leaves to the transactional lane, so that a confirmation always finds one. */
const RESERVED = 4;
/** A relay that allows few connections keeps a quarter of them for confirmations, and none of fewer than four. */
const RESERVED_SHARE = 4;

/** A lane that found no place asks again each second while something is due; after this it does not want one any more. */
const WAITS_MS = 3000;

/** Who in this process is connected to which relay, in all lanes together: a relay's limit is for all of them. */
export interface RelayPlaces {
  /** Takes a place for one connection, if there is one; otherwise the lane waits for one. */
  take(relayKey: string, lane: SendingLane, most: number): boolean;
  free(relayKey: string, lane: SendingLane): void;
  /** The most that the lane may ever have. */
  mostOf(lane: SendingLane, most: number): number;
  /** True when another lane waits for a place that this one should not have: a confirmation, or bulk of the other kind beside more than half. */
  shouldYield(relayKey: string, lane: SendingLane, most: number): boolean;
}

type BulkLane = Exclude<SendingLane, 'transactional'>;

const other = (lane: BulkLane): BulkLane => (lane === 'campaigns' ? 'digests' : 'campaigns');
const forBulk = (most: number): number => most - Math.min(RESERVED, Math.floor(most / RESERVED_SHARE));

interface Places {
  readonly used: Record<SendingLane, number>;
  /** When a lane last found no place, on the monotonic clock. */
  readonly waiting: Map<SendingLane, number>;
}

export function createRelayPlaces(clock: Pick<Clock, 'monotonicMs'>): RelayPlaces {
  const relays = new Map<string, Places>();

  function placesOf(relayKey: string): Places {
    const places = relays.get(relayKey) ?? {
      used: { transactional: 0, campaigns: 0, digests: 0 },
      waiting: new Map<SendingLane, number>(),
    };
    relays.set(relayKey, places);
    return places;
  }

  function isWaiting({ waiting }: Places, lane: SendingLane): boolean {
    const sinceMs = waiting.get(lane);
    return sinceMs !== undefined && clock.monotonicMs() - sinceMs < WAITS_MS;
  }

  function isFree(places: Places, lane: SendingLane, most: number): boolean {
    const { used } = places;
    const bulk = used.campaigns + used.digests;
    const left = most - used.transactional - bulk;
    if (left <= 0) {
      return false;
    }
    if (lane === 'transactional') {
      return used.transactional < RESERVED;
    }
    if (left === 1 && isWaiting(places, 'transactional')) {
      return false;
    }
    const isAlone = used[other(lane)] === 0 && !isWaiting(places, other(lane));
    return bulk < forBulk(most) && (isAlone || used[lane] < Math.ceil(forBulk(most) / 2));
  }

  return {
    take: (relayKey, lane, most) => {
      const places = placesOf(relayKey);
      if (!isFree(places, lane, most)) {
        places.waiting.set(lane, clock.monotonicMs());
        return false;
      }
      places.waiting.delete(lane);
      places.used[lane] += 1;
      return true;
    },
    free: (relayKey, lane) => {
      placesOf(relayKey).used[lane] -= 1;
    },
    mostOf: (lane, most) => (lane === 'transactional' ? Math.min(RESERVED, most) : forBulk(most)),
    shouldYield: (relayKey, lane, most) => {
      const places = placesOf(relayKey);
      const { used } = places;
      if (lane === 'transactional') {
        return false;
      }
      const isFull = used.transactional + used.campaigns + used.digests >= most;
      return (
        (isFull && isWaiting(places, 'transactional')) ||
        (isWaiting(places, other(lane)) && used[lane] > Math.ceil(forBulk(most) / 2))
      );
    },
  };
}
