import { ANY_DOMAIN, OVERALL, domainScope, relayScope } from './limit.ts';
import type { LimitScope, SendingLimit } from './limit.ts';

export interface Concurrency {
  learn(limits: ReadonlyMap<LimitScope, SendingLimit>, liveWorkers: number): void;
  mayBegin(domain: string): boolean;
  began(domain: string): void;
  ended(domain: string): void;
  connectionsFor(relayKey: string, configured: number): number;
}

/** What may be under way at once: each live worker gets the same part of it, and one at least. */
export function createConcurrency(): Concurrency {
  const underWay = new Map<string, number>();
  let limits: ReadonlyMap<LimitScope, SendingLimit> = new Map();
  let workers = 1;

  const partOf = (...scopes: readonly LimitScope[]): number => {
    const limit = scopes.map((scope) => limits.get(scope)).find((found) => found !== undefined)?.concurrency ?? null;
    return limit === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(limit / workers));
  };

  return {
    learn: (found, liveWorkers) => {
      limits = found;
      workers = Math.max(1, liveWorkers);
    },
    mayBegin: (domain) => (underWay.get(domain) ?? 0) < partOf(domainScope(domain), ANY_DOMAIN),
    began: (domain) => {
      underWay.set(domain, (underWay.get(domain) ?? 0) + 1);
    },
    ended: (domain) => {
      const left = (underWay.get(domain) ?? 0) - 1;
      if (left > 0) {
        underWay.set(domain, left);
      } else {
        underWay.delete(domain);
      }
    },
    connectionsFor: (relayKey, configured) => Math.min(configured, partOf(relayScope(relayKey)), partOf(OVERALL)),
  };
}
