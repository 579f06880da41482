import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { SuppressionReason } from './suppression.ts';

/** Suppresses the addresses of these subscribers. Idempotent while a suppression for the reason is open. */
export async function suppressSubscribers(
  db: DbOrTx,
  suppression: {
    readonly subscriberIds: readonly SubscriberId[];
    readonly reason: SuppressionReason;
    readonly source: string;
    readonly now: Date;
  },
): Promise<void> {
  if (suppression.subscriberIds.length === 0) {
    return;
  }
  await sql`
    insert into suppressions (address_hash, address_hash_key_id, reason, source, created_at)
    select address_hash, address_hash_key_id, ${suppression.reason}, ${suppression.source}, ${suppression.now}
    from subscribers where id = any(${suppression.subscriberIds}::bigint[])
    on conflict (address_hash, reason) where lifted_at is null do nothing`.execute(db);
}

export async function suppressHardBounces(
  db: DbOrTx,
  subscriberIds: readonly SubscriberId[],
  now: Date,
): Promise<void> {
  await suppressSubscribers(db, { subscriberIds, reason: 'hard-bounce', source: 'reply', now });
}

/** Lifts what the owner's own confirming click may lift: an erasure, and the hard bounce of an address that evidently works. */
export async function liftByConfirmation(db: DbOrTx, subscriberId: SubscriberId, now: Date): Promise<void> {
  await sql`
    update suppressions x set lifted_at = ${now} from subscribers s
    where s.id = ${subscriberId} and x.address_hash = s.address_hash and x.lifted_at is null
      and x.reason in ('erasure', 'hard-bounce')`.execute(db);
}
