import type { KeyObject } from 'node:crypto';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import { keyInUseAt, NEWS_DELAY_MS, parseMailDomain } from './dkim-key.ts';
import { selectSealedKeys } from './dkim-keys.repository.ts';
import type { SealedDkimKey } from './dkim-keys.repository.ts';
import { openPrivateKey } from './private-key.ts';
import { signMessage } from './sign-message.ts';
import type { SignableMessage } from './sign-message.ts';

export interface SignFor {
  /** Of the From header. */
  readonly fromDomain: string;
  /** When the delivery was made: decides about the key, and is t=. */
  readonly createdAt: Date;
}

export interface DkimSigner {
  /**
   * The `DKIM-Signature` field, with its CRLF, to stand before all others; null when the domain had no key when the delivery was
   * made. The same message and delivery give the same bytes, in every process and at every time.
   * @throws AppError `dkim_key_unreadable` (retryable): the mail must wait, never go unsigned.
   */
  sign(message: SignableMessage, delivery: SignFor): Promise<Buffer | null>;
}

/**
 * What was read at one time holds for all deliveries made until this long after, since keys begin and end to sign later than
 * they are made and retired. The other half of the delay is left for clocks that differ and a commit that takes its time.
 */
const KNOWN_AHEAD_MS = NEWS_DELAY_MS / 2;

interface Reading {
  readonly knownUntil: number;
  readonly byDomain: ReadonlyMap<string, readonly SealedDkimKey[]>;
}

/** One per process. Reads the keys when it meets a delivery younger than what it knows of: at most once in five seconds. */
export function createDkimSigner(deps: {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'now'>;
}): DkimSigner {
  const opened = new Map<number, KeyObject>();
  let reading: Reading | undefined;
  let underway: Promise<void> | undefined;

  async function read(): Promise<void> {
    const knownUntil = deps.clock.now().getTime() + KNOWN_AHEAD_MS;
    try {
      reading = { knownUntil, byDomain: Map.groupBy(await selectSealedKeys(deps.db), ({ domain }) => domain) };
    } finally {
      underway = undefined;
    }
  }

  async function readingFor(createdAt: Date): Promise<Reading> {
    // A delivery from the future (another host's clock) is no reason to read for each mail: what is known now must do.
    const neededMs = Math.min(createdAt.getTime(), deps.clock.now().getTime());
    while (reading === undefined || reading.knownUntil < neededMs) {
      underway ??= read();
      await underway;
    }
    return reading;
  }

  function privateKeyOf(key: SealedDkimKey): KeyObject {
    const known = opened.get(key.id) ?? openPrivateKey(deps.keyring, key);
    opened.set(key.id, known);
    return known;
  }

  return {
    sign: async (message, { fromDomain, createdAt }) => {
      const { byDomain } = await readingFor(createdAt);
      if (byDomain.size === 0) {
        return null;
      }
      const domain = parseMailDomain(fromDomain) ?? fromDomain;
      const key = keyInUseAt(byDomain.get(domain) ?? [], createdAt);
      if (key === undefined) {
        return null;
      }
      const { selector } = key;
      return signMessage(message, { domain, selector, privateKey: privateKeyOf(key), signedAt: createdAt });
    },
  };
}
