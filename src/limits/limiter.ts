import { readWorkerHealth } from '../deliveries/index.ts';
import type { SendingLane } from '../jobs/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { DeliveryId } from '../shared/ids.ts';
import { createConcurrency } from './concurrency.ts';
import { createGauge } from './gauge.ts';
import type { Gauge } from './gauge.ts';
import { ANY_DOMAIN, OVERALL, domainScope, relayScope, toSendingLimit } from './limit.ts';
import type { LimitScope, LimitedRelay, SendingLimit } from './limit.ts';
import { selectSettings } from './limits.repository.ts';
import { createPauses } from './pauses.ts';
import { planReservation } from './plan-reservation.ts';
import type { Postponed, ReservationPlan, ReservationRow } from './plan-reservation.ts';
import { createUses } from './uses.ts';

/** How old limits and pauses may be that count. */
const FRESH_MS = 2000;
/** Whoever finds a relay closed asks again after this at the latest, so that a limit that was raised counts soon. */
const ASK_AGAIN_MS = 4000;

/** Who of a batch may begin when. Times are milliseconds of the monotonic clock, where they are for this process only. */
interface Reservation {
  /** Who is in none of the three may begin at once. */
  readonly startAtMs: ReadonlyMap<DeliveryId, number>;
  /** Nothing else could go over this relay either for some seconds. No place was taken for them: reserve again then. */
  readonly held: { readonly ids: readonly DeliveryId[]; readonly untilMs: number } | null;
  readonly postponed: readonly Postponed[];
}

export interface Limiter {
  /**
   * Takes places for messages that are about to begin. Costs nothing while there is neither limit nor pause, otherwise one statement for the
   * batch. A place that is not used is lost.
   */
  reserve(rows: readonly ReservationRow[], relayKey: string, lane: SendingLane): Promise<Reservation>;
  /** Nothing of the lane can go over this relay before; 0 when something can. */
  closedUntilMs(relayKey: string, lane: SendingLane): Promise<number>;
  /** Reads limits and pauses, if what is known is old. */
  refresh(): Promise<void>;
  /** Whether one more message to the domain may be under way from this process. */
  mayBegin(domain: string): boolean;
  began(domain: string): void;
  ended(domain: string): void;
  /** How many connections this process may have to the relay, of those that it is configured to have. */
  connectionsFor(relayKey: string, configured: number): number;
  /** Pauses a relay or a domain in all workers. @returns until when */
  pause(scope: LimitScope, reason: string): Promise<Date>;
  /** A message was accepted there: after a pause that ends the backoff. */
  resumed(scope: LimitScope): void;
  pausedUntil(scope: LimitScope): Date | null;
}

interface LimiterDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createLimiter(deps: LimiterDeps, relays: readonly LimitedRelay[]): Limiter {
  const { db, clock } = deps;
  const pauses = createPauses(deps);
  const uses = createUses(deps);
  const concurrency = createConcurrency();
  const ofRelays = relays.flatMap(({ key, limits: own }) => {
    const limit = toSendingLimit(own);
    return limit === undefined ? [] : [[relayScope(key), limit] as const];
  });
  let limits = new Map<LimitScope, SendingLimit>(ofRelays);
  let known = '';
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  /** By relay and kind of lane: until when its limits are used up. */
  const closings = new Map<string, number>();

  async function read(): Promise<void> {
    const startedMs = clock.monotonicMs();
    const settings = await selectSettings(db);
    limits = new Map<LimitScope, SendingLimit>([
      ...ofRelays,
      ...settings.limits.map((limit) => [limit.scope, limit] as const),
    ]);
    pauses.learn(settings.pauses, startedMs);
    const isConcurrent = [...limits.values()].some((limit) => limit.concurrency !== null);
    concurrency.learn(limits, isConcurrent ? (await readWorkerHealth(db)).live : 1);
    const found = JSON.stringify(settings.limits);
    if (found !== known) {
      closings.clear();
      known = found;
    }
    readAtMs = startedMs;
  }

  async function refresh(): Promise<void> {
    if (clock.monotonicMs() - readAtMs >= FRESH_MS) {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
    }
  }

  /** The scopes whose use is counted for a row, with their limits. */
  const limitOf = (scope: LimitScope): readonly [LimitScope, SendingLimit] | undefined => {
    const limit = limits.get(scope) ?? (scope.startsWith('domain:') ? limits.get(ANY_DOMAIN) : undefined);
    return limit === undefined || !isRate(limit) ? undefined : [scope, limit];
  };

  function pauseOf(relayKey: string, domain: string): { readonly scope: string; readonly untilMs: number } | undefined {
    for (const scope of [relayScope(relayKey), domainScope(domain)]) {
      const until = pauses.until(scope);
      if (until !== null) {
        return { scope, untilMs: until.getTime() };
      }
    }
    return undefined;
  }

  async function reserve(rows: readonly ReservationRow[], relayKey: string, lane: SendingLane): Promise<Reservation> {
    await refresh();
    const shared = [limitOf(OVERALL), limitOf(relayScope(relayKey))].filter((found) => found !== undefined);
    const domains = new Map(
      [...new Set(rows.map(({ domain }) => domain))].flatMap((domain) => {
        const found = limitOf(domainScope(domain));
        return found === undefined ? [] : [[domain, found] as const];
      }),
    );
    const counted = [...shared, ...domains.values()];
    const plan = await uses.change(
      counted.map(([scope]) => scope),
      (useOf) => {
        const nowMs = clock.now().getTime();
        const gauges = new Map<LimitScope, Gauge>(
          counted.map(([scope, limit]) => [
            scope,
            createGauge(scope, limit, useOf(scope), { nowMs, isBulk: lane !== 'transactional' }),
          ]),
        );
        const gaugeOf = (scope: LimitScope): Gauge | undefined => gauges.get(scope);
        const result = planReservation(rows, {
          nowMs,
          shared: shared.flatMap(([scope]) => gaugeOf(scope) ?? []),
          gaugeOf: (domain) => gaugeOf(domainScope(domain)),
          pauseOf: (domain) => pauseOf(relayKey, domain),
        });
        return { result, changed: [...gauges.values()].filter((gauge) => gauge.isChanged) };
      },
    );
    return conclude(plan, closingKey(relayKey, lane));
  }

  function conclude(plan: ReservationPlan, key: string): Reservation {
    const nowMs = clock.now().getTime();
    const aheadMs = clock.monotonicMs() - nowMs;
    const toMonotonic = (atMs: number): number => aheadMs + atMs;
    if (plan.closedUntilMs > nowMs) {
      closings.set(key, toMonotonic(plan.closedUntilMs));
    }
    return {
      startAtMs: new Map([...plan.startAtMs].map(([id, atMs]) => [id, toMonotonic(atMs)])),
      held: plan.held === null ? null : { ids: plan.held.ids, untilMs: toMonotonic(plan.held.untilMs) },
      postponed: plan.postponed,
    };
  }

  return {
    reserve,
    refresh,
    closedUntilMs: async (relayKey, lane) => {
      await refresh();
      const nowMs = clock.monotonicMs();
      const paused = pauses.until(relayScope(relayKey));
      const pausedMs = paused === null ? 0 : nowMs + paused.getTime() - clock.now().getTime();
      const untilMs = Math.max(pausedMs, closings.get(closingKey(relayKey, lane)) ?? 0);
      return untilMs <= nowMs ? 0 : Math.min(untilMs, nowMs + ASK_AGAIN_MS);
    },
    mayBegin: concurrency.mayBegin,
    began: concurrency.began,
    ended: concurrency.ended,
    connectionsFor: concurrency.connectionsFor,
    pause: pauses.pause,
    resumed: pauses.resumed,
    pausedUntil: pauses.until,
  };
}

/** Confirmations may use what is left for them when a campaign has to wait. */
function closingKey(relayKey: string, lane: SendingLane): string {
  return `${lane === 'transactional' ? 'urgent' : 'bulk'} ${relayKey}`;
}

function isRate(limit: SendingLimit): boolean {
  return limit.perSecond !== null || limit.perHour !== null || limit.perDay !== null;
}
