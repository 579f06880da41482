import type { Db } from '../platform/postgres/index.ts';
import { readUntrustedProxy } from './notices.repository.ts';
import { readLastBurst } from './signup-rates.repository.ts';

const DAY_MS = 86_400_000;

export interface SignupWarnings {
  /** A proxy that TRUST_PROXY does not name was seen within a day. */
  readonly hasUntrustedProxy: boolean;
  /** Far more sign-ups than usual: now, or within the last day. */
  readonly burst: 'now' | 'lately' | undefined;
}

/** What the doors of the product saw; both age out by themselves. */
export async function readSignupWarnings(db: Db, now: Date): Promise<SignupWarnings> {
  const [proxySeenAt, burstUntil] = await Promise.all([readUntrustedProxy(db), readLastBurst(db)]);
  const ageMs = (at: Date | null): number => (at === null ? Infinity : now.getTime() - at.getTime());
  const burstAgeMs = ageMs(burstUntil);
  return {
    hasUntrustedProxy: ageMs(proxySeenAt) < DAY_MS,
    burst: burstAgeMs < 0 ? 'now' : burstAgeMs < DAY_MS ? 'lately' : undefined,
  };
}
