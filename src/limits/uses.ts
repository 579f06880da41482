import type { Db } from '../platform/postgres/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Gauge, LimitUse } from './gauge.ts';
import type { GaugeScope } from './limit.ts';
import { loadUses, swapUses } from './limits.repository.ts';
import type { StoredUse } from './limits.repository.ts';

/** Each time one of those who are in each other's way succeeds, so this is far more than there can be workers. */
const MOST_TRIES = 200;
/** With a limit for every domain there is one for each; those not needed for long are loaded again. */
const MOST_KNOWN = 5000;

/** What a batch makes of the use that it finds: its result, and the gauges that moved. May run again, on newer use. */
type Change<Result> = (useOf: (scope: GaugeScope) => LimitUse) => {
  readonly result: Result;
  readonly changed: readonly Pick<Gauge, 'scope' | 'use'>[];
};

interface Uses {
  change<Result>(scopes: readonly GaugeScope[], change: Change<Result>): Promise<Result>;
}

/**
 * What is used, as this process knows it, and the way to change it: worked out here, stored on condition that nobody stored anything since.
 * So one statement does, also for a batch to many domains; whoever was slower gets what is there and works it out again.
 */
export function createUses(deps: { readonly db: Db; readonly clock: Clock }): Uses {
  const { db, clock } = deps;
  const known = new Map<GaugeScope, StoredUse>();

  const learn = (uses: readonly StoredUse[]): void => uses.forEach((use) => known.set(use.scope, use));

  async function load(scopes: readonly GaugeScope[]): Promise<void> {
    const missing = scopes.filter((scope) => !known.has(scope));
    if (missing.length > 0) {
      learn(await loadUses(db, missing, clock.now()));
    }
  }

  async function store(changed: readonly StoredUse[]): Promise<boolean> {
    const { isSwapped, current } = await swapUses(db, changed, clock.now());
    if (!isSwapped) {
      // Also for rows that a clean-up has taken meanwhile.
      changed.forEach(({ scope }) => known.delete(scope));
    }
    learn(isSwapped ? changed.map((use) => ({ ...use, version: use.version + 1 })) : current);
    return isSwapped;
  }

  async function run<Result>(scopes: readonly GaugeScope[], change: Change<Result>): Promise<Result> {
    if (known.size > MOST_KNOWN) {
      known.clear();
    }
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      await load(scopes);
      const { result, changed } = change((scope) => known.get(scope)?.use ?? {});
      const uses = changed.map(({ scope, use }) => ({ scope, version: known.get(scope)?.version ?? 0, use: use() }));
      if (uses.length === 0 || (await store(uses))) {
        return result;
      }
    }
    throw new AppError('unavailable', 'limits_contended', 'too many workers count the same limit at once');
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    // One after the other: batches of one process would only be in each other's way.
    change: (scopes, change) => {
      if (scopes.length === 0) {
        return run(scopes, change);
      }
      const mine = last.then(() => run(scopes, change));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
