import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { Evidence } from './evidence.ts';

/** Every life that this address has or had here: the one of now, erased ones by the keyed hash, and ones that moved to another address. */
export async function findLivesOfAddress(
  db: DbOrTx,
  address: ParsedAddress,
  hashes: readonly Buffer[],
): Promise<readonly SubscriberId[]> {
  const spellings = [address.address.toLowerCase(), address.key];
  const { rows } = await sql<{ id: SubscriberId }>`
    select id from subscribers where address_key = ${address.key}
    union select subscriber_id from erasures where address_hash = any(${hashes}::bytea[])
    union select r.subscriber_id from consent_personal p join consent_records r on r.id = p.record_id
      where lower(p.address) = any(${spellings}::text[])
    order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/** The same for a subscriber, also for one who was erased. Empty for an id that nobody ever had. */
export async function findLivesOfSubscriber(db: DbOrTx, id: SubscriberId): Promise<readonly SubscriberId[]> {
  const { rows } = await sql<{ id: SubscriberId }>`
    with hash as (
      select address_hash from subscribers where id = ${id} union select address_hash from erasures where subscriber_id = ${id}
    )
    select s.id from subscribers s join hash using (address_hash)
    union select e.subscriber_id from erasures e join hash using (address_hash)
    union select r.subscriber_id from consent_records r where r.subscriber_id = ${id}
    order by id`.execute(db);
  return rows.map((row) => row.id);
}

/** The hashes of the person's address that the rows hold, for suppressions of somebody whose address nobody typed. */
export async function readHashes(db: DbOrTx, ids: readonly SubscriberId[]): Promise<readonly Buffer[]> {
  const { rows } = await sql<{ hash: Buffer }>`
    select address_hash as hash from subscribers where id = any(${ids}::bigint[])
    union select address_hash from erasures where subscriber_id = any(${ids}::bigint[])`.execute(db);
  return rows.map(({ hash }) => hash);
}

type Current = NonNullable<Evidence['person']['current']> & { readonly address: string };

export async function readCurrentLife(db: DbOrTx, ids: readonly SubscriberId[]): Promise<Current | undefined> {
  const { rows } = await sql<Current>`
    select s.id as "subscriberId", s.address, s.created_at as "createdAt",
      coalesce((select json_agg(json_build_object('newsletter', l.name, 'status', n.status, 'requestedAt', n.requested_at,
          'confirmedAt', n.confirmed_at, 'unsubscribedAt', n.unsubscribed_at) order by l.name)
        from subscriptions n join newsletters l on l.id = n.newsletter_id where n.subscriber_id = s.id), '[]') as subscriptions
    from subscribers s where s.id = any(${ids}::bigint[]) order by s.id desc limit 1`.execute(db);
  return rows[0];
}

export async function readErasures(db: DbOrTx, ids: readonly SubscriberId[]): Promise<Evidence['person']['erasures']> {
  const { rows } = await sql<Evidence['person']['erasures'][number]>`
    select subscriber_id as "subscriberId", erased_at as "erasedAt", evidence_until as "evidenceUntil"
    from erasures where subscriber_id = any(${ids}::bigint[]) order by erased_at`.execute(db);
  return rows;
}

export async function readSuppressions(
  db: DbOrTx,
  hashes: readonly Buffer[],
): Promise<Evidence['person']['suppressions']> {
  const { rows } = await sql<Evidence['person']['suppressions'][number]>`
    select reason, source, created_at as "createdAt", lifted_at as "liftedAt"
    from suppressions where address_hash = any(${hashes}::bytea[]) order by id`.execute(db);
  return rows;
}
