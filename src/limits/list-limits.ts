import type { DbOrTx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { countUse } from './gauge.ts';
import { relayScope, toSendingLimit } from './limit.ts';
import type { LimitScope, LimitedRelay, SendingLimit } from './limit.ts';
import { selectLimits, selectPauses, selectRecentUses } from './limits.repository.ts';

/** One scope: what is allowed, what is used, and whether it is paused. */
export interface LimitStanding {
  readonly scope: string;
  /** Null: nothing is set for it; of a domain that of `domain:*` counts. */
  readonly limit: SendingLimit | null;
  /** `settings`: from SMTP_URL. */
  readonly source: 'stored' | 'settings' | null;
  /** Counted only while there is a limit of that sort, and rounded up: an hour by minutes, a day by half hours. */
  readonly usedLastHour: number;
  readonly usedLastDay: number;
  readonly pausedUntil: Date | null;
  readonly pauseReason: string | null;
}

/** Everything that is limited, paused, or of which something was counted lately, in the order of the names. */
export async function listLimits(
  deps: { readonly db: DbOrTx; readonly clock: Clock },
  relays: readonly LimitedRelay[],
): Promise<readonly LimitStanding[]> {
  const now = deps.clock.now();
  const [limits, pauses, uses] = await Promise.all([
    selectLimits(deps.db),
    selectPauses(deps.db),
    selectRecentUses(deps.db),
  ]);
  const stored = new Map(limits.map(({ scope, ...limit }) => [scope, limit] as const));
  const ofRelays = new Map(
    relays.flatMap(({ key, limits: own }) => {
      const limit = toSendingLimit(own);
      return limit === undefined ? [] : [[relayScope(key), limit] as const];
    }),
  );
  const paused = new Map(
    pauses.filter(({ pausedUntil }) => pausedUntil > now).map((pause) => [pause.scope, pause] as const),
  );
  const used = new Map(uses.map(({ scope, use }) => [scope, countUse(use, now.getTime())] as const));
  const counted = [...used].filter(([, { lastDay, lastHour }]) => lastDay + lastHour > 0).map(([scope]) => scope);
  const scopes = new Set<LimitScope>([...stored.keys(), ...ofRelays.keys(), ...paused.keys(), ...counted]);
  return [...scopes].toSorted().map((scope) => {
    const limit = stored.get(scope) ?? ofRelays.get(scope) ?? null;
    const pause = paused.get(scope);
    return {
      scope,
      limit,
      source: limit === null ? null : stored.has(scope) ? 'stored' : 'settings',
      usedLastHour: used.get(scope)?.lastHour ?? 0,
      usedLastDay: used.get(scope)?.lastDay ?? 0,
      pausedUntil: pause?.pausedUntil ?? null,
      pauseReason: pause?.reason ?? null,
    };
  });
}
