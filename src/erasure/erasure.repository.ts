import { sql } from 'kysely';
import type { Tx } from '../platform/postgres/index.ts';
import type { SubscriberId } from '../shared/ids.ts';

export interface Person {
  readonly address: string;
  readonly addressKey: string;
  readonly addressHash: Buffer;
  readonly addressHashKeyId: number;
}

/** Locks the person first: sign-ups, confirmations and changes of the same person wait for what follows. */
export async function lockPerson(tx: Tx, subscriberId: SubscriberId): Promise<Person | undefined> {
  const { rows } = await sql<Person>`
    select address, address_key as "addressKey", address_hash as "addressHash", address_hash_key_id as "addressHashKeyId"
    from subscribers where id = ${subscriberId} for update`.execute(tx);
  return rows[0];
}

export async function readLastWithdrawal(tx: Tx, subscriberId: SubscriberId): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select max(occurred_at) as at from consent_records
    where subscriber_id = ${subscriberId} and action = 'withdrawn'`.execute(tx);
  return rows[0]?.at ?? undefined;
}

/**
 * The rows stay for the counts of their campaigns. What is due is cancelled; the words of servers go, since they like to repeat
 * the address.
 */
export async function blankDeliveries(tx: Tx, subscriberId: SubscriberId, now: Date): Promise<void> {
  await sql`
    update deliveries set address = '', reader_name = null, reader_locale = null,
      state = case when state in ('planned', 'deferred') then 'cancelled' else state end,
      reason = case when state in ('planned', 'deferred') then 'subscriber_gone' else reason end,
      settled_at = case when state in ('planned', 'deferred') then ${now}::timestamptz else settled_at end
    where subscriber_id = ${subscriberId}`.execute(tx);
  await sql`
    update delivery_events e set reply_text = null from deliveries d
    where d.subscriber_id = ${subscriberId} and e.delivery_id = d.id and e.reply_text is not null`.execute(tx);
}

/** Tests that went to the same address, whose owner proofreads too. */
export async function blankTests(tx: Tx, person: Person, now: Date): Promise<void> {
  await sql`
    with test as (
      update campaign_tests set address = '' where lower(address) in (lower(${person.address}), ${person.addressKey}) returning id
    ),
    blanked as (
      update deliveries d set address = '', reader_name = null, reader_locale = null,
        state = case when state in ('planned', 'deferred') then 'cancelled' else state end,
        reason = case when state in ('planned', 'deferred') then 'subscriber_gone' else reason end,
        settled_at = case when state in ('planned', 'deferred') then ${now}::timestamptz else settled_at end
      from test where d.kind = 'test' and d.campaign_id is null and d.cause_id = test.id
      returning d.id
    )
    update delivery_events e set reply_text = null from blanked where e.delivery_id = blanked.id`.execute(tx);
}

/** The local inbox of a trial keeps whole mails. */
export async function deleteInboxMails(tx: Tx, person: Person): Promise<void> {
  await sql`
    delete from inbox_mails where exists (select 1 from unnest(envelope_to) as recipient
      where lower(recipient) in (lower(${person.address}), ${person.addressKey}))`.execute(tx);
}

/** From here on the evidence of the person shows them, and nothing else. */
export async function restrictAddresses(tx: Tx, subscriberId: SubscriberId, now: Date): Promise<void> {
  await sql`
    update consent_personal p set restricted_at = ${now} from consent_records r
    where r.id = p.record_id and r.subscriber_id = ${subscriberId} and p.restricted_at is null`.execute(tx);
}

export async function insertErasure(
  tx: Tx,
  erasure: Person & { readonly subscriberId: SubscriberId; readonly erasedAt: Date; readonly evidenceUntil: Date },
): Promise<void> {
  await tx
    .insertInto('erasures')
    .values({
      subscriber_id: erasure.subscriberId,
      address_hash: erasure.addressHash,
      address_hash_key_id: erasure.addressHashKeyId,
      erased_at: erasure.erasedAt,
      evidence_until: erasure.evidenceUntil,
    })
    .execute();
}

/** With the row go subscriptions, sign-up requests, reasons for leaving and whatever else hangs on it. */
export async function deletePerson(tx: Tx, subscriberId: SubscriberId): Promise<void> {
  await tx.deleteFrom('subscribers').where('id', '=', subscriberId).execute();
}
