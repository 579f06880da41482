import { sql } from 'kysely';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { AddressKey, EmailAddress } from '../shared/email-address.ts';
import type { NewsletterId, SubscriberId } from '../shared/ids.ts';

/** The two mailboxes that have to agree. */
export type AddressEnd = 'new' | 'old';

export interface AddressChange {
  readonly id: number;
  readonly subscriberId: SubscriberId;
  /** As the subscriber has it now. */
  readonly address: string;
  readonly locale: string | null;
  readonly newAddress: EmailAddress;
  readonly newAddressKey: AddressKey;
  readonly status: 'open' | 'done' | 'refused' | 'replaced' | 'taken';
  readonly expiresAt: Date;
  readonly confirmedAt: Date | null;
  readonly agreedAt: Date | null;
}

const COLUMNS = sql`c.id, c.subscriber_id as "subscriberId", s.address, s.locale, c.new_address as "newAddress",
  c.new_address_key as "newAddressKey", c.status, c.expires_at as "expiresAt", c.confirmed_at as "confirmedAt", c.agreed_at as "agreedAt"`;

/** By the cause of either mail. */
export async function findChange(
  db: DbOrTx,
  causeId: number,
): Promise<{ readonly change: AddressChange; readonly end: AddressEnd } | undefined> {
  const { rows } = await sql<AddressChange>`
    select ${COLUMNS} from address_changes c join subscribers s on s.id = c.subscriber_id
    where c.id = ${causeId} or c.old_cause_id = ${causeId}`.execute(db);
  const [change] = rows;
  return change === undefined ? undefined : { change, end: change.id === causeId ? 'new' : 'old' };
}

export async function findOpenChange(
  db: DbOrTx,
  subscriberId: SubscriberId,
  now: Date,
): Promise<AddressChange | undefined> {
  const { rows } = await sql<AddressChange>`
    select ${COLUMNS} from address_changes c join subscribers s on s.id = c.subscriber_id
    where c.subscriber_id = ${subscriberId} and c.status = 'open' and c.expires_at > ${now}`.execute(db);
  return rows[0];
}

export async function countChangesSince(tx: Tx, subscriberId: SubscriberId, since: Date): Promise<number> {
  const { count } = await tx
    .selectFrom('address_changes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('subscriber_id', '=', subscriberId)
    .where('requested_at', '>', since)
    .executeTakeFirstOrThrow();
  return count;
}

export async function insertChange(
  tx: Tx,
  change: {
    readonly subscriberId: SubscriberId;
    readonly address: EmailAddress;
    readonly key: AddressKey;
    readonly hash: Buffer;
    readonly hashKeyId: number;
    readonly now: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx
    .insertInto('address_changes')
    .values({
      subscriber_id: change.subscriberId,
      new_address: change.address,
      new_address_key: change.key,
      new_address_hash: change.hash,
      new_address_hash_key_id: change.hashKeyId,
      requested_at: change.now,
      expires_at: change.expiresAt,
    })
    .execute();
}

/** Closes the open change, if there is one. */
export async function closeOpenChange(
  tx: Tx,
  subscriberId: SubscriberId,
  status: Exclude<AddressChange['status'], 'open'>,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('address_changes')
    .set({ status, closed_at: now })
    .where('subscriber_id', '=', subscriberId)
    .where('status', '=', 'open')
    .execute();
}

/** Closes this one, if it is open still: another that was asked for since is none of its business. */
export async function closeChange(
  db: DbOrTx,
  id: number,
  status: Exclude<AddressChange['status'], 'open'>,
  now: Date,
): Promise<void> {
  await db
    .updateTable('address_changes')
    .set({ status, closed_at: now })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .execute();
}

/** Notes the click at one end and locks the row; undefined when the change is over. The first click counts. */
export async function markEnd(tx: Tx, id: number, end: AddressEnd, now: Date): Promise<AddressChange | undefined> {
  const column = end === 'new' ? sql`confirmed_at` : sql`agreed_at`;
  const { rows } = await sql<AddressChange>`
    update address_changes c set ${column} = coalesce(c.${column}, ${now})
    from subscribers s
    where c.id = ${id} and s.id = c.subscriber_id and c.status = 'open' and c.expires_at > ${now}
    returning ${COLUMNS}`.execute(tx);
  return rows[0];
}

/** @throws a unique violation of `subscribers_address_key_key` when somebody took the address at this moment. */
export async function moveAddress(tx: Tx, change: AddressChange): Promise<void> {
  await sql`
    update subscribers s set address = c.new_address, address_key = c.new_address_key, address_hash = c.new_address_hash,
      address_hash_key_id = c.new_address_hash_key_id
    from address_changes c where c.id = ${change.id} and s.id = c.subscriber_id`.execute(tx);
}

export interface UndecidedChange {
  readonly id: number;
  readonly oldCauseId: number;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly locale: string | null;
  readonly newAddress: EmailAddress;
  readonly newAddressKey: AddressKey;
  readonly isOpen: boolean;
  readonly newsletterId: NewsletterId | null;
  /** Mails about changes to this address in the last day, whoever asked. */
  readonly mailedToNewToday: number;
}

export async function listUndecidedChanges(tx: Tx, now: Date, limit: number): Promise<readonly UndecidedChange[]> {
  const { rows } = await sql<UndecidedChange>`
    select c.id, c.old_cause_id as "oldCauseId", s.id as "subscriberId", s.address, s.locale, c.new_address as "newAddress",
      c.new_address_key as "newAddressKey", c.status = 'open' and c.expires_at > ${now} as "isOpen",
      (select n.newsletter_id from subscriptions n where n.subscriber_id = s.id
        order by n.status = 'active' desc, n.id limit 1) as "newsletterId",
      (select count(*) from address_changes o join deliveries d on d.kind = 'system' and d.cause_id = o.id and d.campaign_id is null
        where o.new_address_hash = c.new_address_hash and o.decided_at > ${now}::timestamptz - interval '1 day') as "mailedToNewToday"
    from address_changes c join subscribers s on s.id = c.subscriber_id
    where c.decided_at is null order by c.id limit ${limit}`.execute(tx);
  return rows;
}

export async function markChangeDecided(tx: Tx, id: number, now: Date): Promise<void> {
  await tx.updateTable('address_changes').set({ decided_at: now }).where('id', '=', id).execute();
}

/** Who has the new address already. */
export async function findOwner(
  tx: Tx,
  key: AddressKey,
): Promise<{ readonly id: SubscriberId; readonly locale: string | null } | undefined> {
  return tx.selectFrom('subscribers').select(['id', 'locale']).where('address_key', '=', key).executeTakeFirst();
}

/** Whether a suppression under one of these hashes closes the address; an erasure does not, since its owner is asked. */
export async function isShut(db: DbOrTx, hashes: readonly Buffer[]): Promise<boolean> {
  const { rows } = await sql`
    select 1 from suppressions where address_hash = any(${hashes}::bytea[]) and lifted_at is null and reason <> 'erasure' limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** Links and changes that the transactional lane has not looked at; for the sweep. */
export async function hasWaitingPreferenceMails(db: Db): Promise<boolean> {
  const { rows } = await sql<{ waiting: boolean }>`
    select exists (select 1 from preference_links where decided_at is null)
      or exists (select 1 from address_changes where decided_at is null) as waiting`.execute(db);
  return rows[0]?.waiting ?? false;
}
