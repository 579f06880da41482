import type { Db } from '../platform/postgres/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { LimitScope } from './limit.ts';
import { deletePause, selectPause, storePause } from './limits.repository.ts';
import type { StoredPause } from './limits.repository.ts';

const FIRST_SECONDS = 30;
const LONGEST_SECONDS = 30 * 60;

export interface Pauses {
  /** What the database said to somebody who asked at `askedAtMs`; what was begun here since stays. */
  learn(pauses: readonly StoredPause[], askedAtMs: number): void;
  pause(scope: LimitScope, reason: string): Promise<Date>;
  resumed(scope: LimitScope): void;
  until(scope: LimitScope): Date | null;
}

/** Relays and domains that asked to be left alone: 30 seconds, then twice as long each time, up to half an hour. */
export function createPauses(deps: { readonly db: Db; readonly clock: Clock; readonly log: Logger }): Pauses {
  const { db, clock, log } = deps;
  let known = new Map<LimitScope, StoredPause & { readonly learnedAtMs: number }>();

  function until(scope: LimitScope): Date | null {
    const pausedUntil = known.get(scope)?.pausedUntil;
    return pausedUntil !== undefined && pausedUntil > clock.now() ? pausedUntil : null;
  }

  async function pause(scope: LimitScope, reason: string): Promise<Date> {
    const already = until(scope);
    if (already !== null) {
      return already;
    }
    const now = clock.now();
    const begun = await storePause(db, {
      scope,
      reason,
      now,
      firstSeconds: FIRST_SECONDS,
      longestSeconds: LONGEST_SECONDS,
    });
    if (begun !== undefined) {
      log.warn({ scope, reason, pausedUntil: begun.pausedUntil, step: begun.step }, 'sending paused; deliveries wait');
    }
    const stored = begun ?? (await selectPause(db, scope));
    if (stored === undefined) {
      // Taken back by somebody whose mail was accepted at this moment.
      return now;
    }
    known.set(scope, { ...stored, learnedAtMs: clock.monotonicMs() });
    return stored.pausedUntil;
  }

  return {
    learn: (found, askedAtMs) => {
      const begunSince = [...known].filter(([, { learnedAtMs }]) => learnedAtMs > askedAtMs);
      known = new Map([...found.map((one) => [one.scope, { ...one, learnedAtMs: askedAtMs }] as const), ...begunSince]);
    },
    pause,
    until,
    resumed: (scope) => {
      if (!known.has(scope) || until(scope) !== null) {
        return;
      }
      known.delete(scope);
      log.info({ scope }, 'mail is taken again after a pause');
      deletePause(db, scope, clock.now()).catch((error: unknown) => {
        log.warn(
          { err: error, scope },
          'the end of a pause was not stored; the next one may be longer than it need be',
        );
      });
    },
  };
}
