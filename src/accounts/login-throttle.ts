import ipaddr from 'ipaddr.js';
import { hashForLimit } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import {
  forgetFailures,
  forgetFailuresBefore,
  readFailures,
  reserveFailure,
  returnFailure,
} from './login-failures.repository.ts';

interface Limit {
  /** Seconds to wait before the next try after n failures; the last entry holds for all further ones. */
  readonly delaysSeconds: readonly number[];
}

function growing(freeTries: number, longestSeconds: number): Limit {
  const delaysSeconds = Array.from({ length: freeTries }, () => 0);
  for (let seconds = 1; seconds < longestSeconds; seconds *= 2) {
    delaysSeconds.push(seconds);
  }
  return { delaysSeconds: [...delaysSeconds, longestSeconds] };
}

/**
 * A2: failures slow down both the account and the network they come from. A browser that signed in before carries a
 * token of its own and is counted apart, so that a stranger who hammers at an account cannot lock its owner out.
 */
export const LOGIN_LIMITS = {
  account: growing(5, 900),
  network: growing(20, 900),
  device: growing(10, 60),
} as const satisfies Readonly<Record<string, Limit>>;
export type LoginLimit = keyof typeof LOGIN_LIMITS;

export interface LimitKey {
  readonly limit: LoginLimit;
  readonly hash: Buffer;
}

/** Failures older than this are forgotten. */
export const FORGET_AFTER_HOURS = 24;

export function limitKey(keyring: Keyring, limit: LoginLimit, value: string): LimitKey {
  return { limit, hash: hashForLimit(keyring, `login/${limit}`, value) };
}

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number };

/**
 * Counts the try as a failure before the password is checked, so that parallel tries cannot slip through together;
 * success takes it back. A try that comes too early is refused and not counted.
 */
export async function admitTry(db: DbOrTx, keys: readonly LimitKey[], now: Date): Promise<Admission> {
  for (const key of keys) {
    const { delaysSeconds } = LOGIN_LIMITS[key.limit];
    if (!(await reserveFailure(db, key.hash, delaysSeconds, now, forgetBefore(now)))) {
      const standing = await readFailures(db, key.hash);
      const delay = delaysSeconds[Math.min(standing?.failures ?? 0, delaysSeconds.length) - 1] ?? 1;
      const readyAt = (standing?.lastFailureAt ?? now).getTime() + delay * 1000;
      return { kind: 'throttled', retryAfterSeconds: Math.max(1, Math.ceil((readyAt - now.getTime()) / 1000)) };
    }
  }
  return { kind: 'admitted' };
}

/** After a success: the account and device are clean; the network only gets its try back, since others may share it. */
export async function settleTry(db: DbOrTx, keys: readonly LimitKey[], now: Date): Promise<void> {
  for (const key of keys) {
    if (key.limit === 'network') {
      await returnFailure(db, key.hash);
    } else {
      await forgetFailures(db, key.hash);
    }
  }
  await forgetFailuresBefore(db, forgetBefore(now));
}

function forgetBefore(now: Date): Date {
  return new Date(now.getTime() - FORGET_AFTER_HOURS * 3_600_000);
}

/** What shares a limit: an IPv4 address, or the /64 that one household has. */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) {
    return 'unknown';
  }
  // process() also unwraps an IPv4 address that came in over an IPv6 socket.
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv6
    ? address.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')
    : address.toString();
}
