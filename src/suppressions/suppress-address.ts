import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import { hashAddress, hashAddressUnderAll } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import { findKnownHash, insertSuppression, selectSuppressions } from './suppression-list.repository.ts';
import { mayAdminLift } from './suppression.ts';
import type { Suppression } from './suppression.ts';

interface AddressDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
}

/** The address under every key of the ring: a rotated key must not open what was closed. */
export function hashesOf(keyring: Keyring, { key }: ParsedAddress): readonly Buffer[] {
  return hashAddressUnderAll(keyring, key).map(({ hash }) => hash);
}

/**
 * Closes an address to every mail of ours until an admin lifts it, whether we know it or not: of an unknown one nothing is stored
 * but the keyed hash. Idempotent. An address that goes by an older key keeps it, so that the gate finds all of it by one hash.
 */
export async function suppressAddress(
  deps: AddressDeps,
  address: ParsedAddress,
  actor: Actor,
): Promise<{ readonly isNew: boolean; readonly subscriberId: SubscriberId | null }> {
  const { signingKeyId } = deps.keyring;
  return deps.db.transaction().execute(async (tx) => {
    const known = await findKnownHash(tx, address.key, hashesOf(deps.keyring, address));
    const subscriberId = known?.subscriberId ?? null;
    const isNew = await insertSuppression(tx, {
      hash: known?.hash ?? hashAddress(deps.keyring, address.key),
      keyId: known?.keyId ?? signingKeyId,
      reason: 'manual',
      source: actor.label,
      now: deps.clock.now(),
    });
    if (isNew) {
      const [created] = await selectSuppressions(tx, { hashes: hashesOf(deps.keyring, address), reason: 'manual' }, 1);
      await recordAudit(tx, {
        actor,
        action: 'suppression.added',
        subjectKind: 'suppression',
        subjectId: created?.id ?? null,
        details: { subscriberId },
      });
    }
    return { isNew, subscriberId };
  });
}

/** What is open against the address of a subscriber, and whether an admin may lift it. */
export async function listSuppressionsOf(
  db: Db,
  subscriberId: SubscriberId,
): Promise<readonly (Suppression & { readonly canLift: boolean })[]> {
  const found = await selectSuppressions(db, { subscriberId }, 10);
  return found.map((suppression) => ({ ...suppression, canLift: mayAdminLift(suppression.reason) }));
}

/** What is open against an address. */
export function findSuppressions(
  deps: Pick<AddressDeps, 'db' | 'keyring'>,
  address: ParsedAddress,
): Promise<readonly Suppression[]> {
  return selectSuppressions(deps.db, { hashes: hashesOf(deps.keyring, address) }, 10);
}
