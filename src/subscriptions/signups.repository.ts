import { sql } from 'kysely';
import type { SaltedValue } from '../consent/index.ts';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { LegalDocumentId, NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';

interface SignupRows {
  readonly address: ParsedAddress;
  /** Under every key of the ring, the signing key first. */
  readonly hashes: readonly { readonly keyId: number; readonly hash: Buffer }[];
  readonly name: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly declarations: readonly {
    readonly newsletterId: NewsletterId;
    readonly consentText: Buffer | null;
    readonly address: SaltedValue;
    readonly ip: SaltedValue;
    readonly agent: SaltedValue;
  }[];
  readonly termsText: Buffer | null;
  readonly privacyText: Buffer | null;
  readonly termsDocumentId: LegalDocumentId;
  readonly privacyDocumentId: LegalDocumentId;
  readonly isAssertedByCaller: boolean;
  readonly method: string;
  readonly formId: string | null;
  readonly formVersion: string | null;
  readonly pageUrl: string | null;
  readonly textLocale: string;
}

/**
 * One statement: subscriber (upsert), request, and one `requested` record per newsletter. An address that was suppressed under
 * an older key keeps that key, so that the gate finds the suppression by the hash it was stored with.
 */
export async function insertSignup(db: Db, rows: SignupRows): Promise<SignupRequestId> {
  const each = rows.declarations;
  const hashes = rows.hashes.map(({ hash }) => hash);
  const keyIds = rows.hashes.map(({ keyId }) => keyId);
  const { rows: inserted } = await sql<{ id: SignupRequestId }>`
    with hash as (
      select h.hash, h.key_id from unnest(${hashes}::bytea[], ${keyIds}::smallint[]) with ordinality as h(hash, key_id, rank)
      order by exists (select 1 from suppressions x where x.address_hash = h.hash and x.lifted_at is null) desc, h.rank limit 1
    ),
    subscriber as (
      insert into subscribers (address, address_key, address_hash, address_hash_key_id, created_at)
      select ${rows.address.address}, ${rows.address.key}, hash.hash, hash.key_id, ${rows.requestedAt} from hash
      on conflict (address_key) do update set address_key = excluded.address_key
      returning id
    ),
    request as (
      insert into signup_requests (subscriber_id, newsletter_ids, name, locale, time_zone, requested_at, expires_at)
      select id, ${each.map((one) => one.newsletterId)}::bigint[], ${rows.name}, ${rows.locale}, ${rows.timeZone},
        ${rows.requestedAt}, ${rows.expiresAt}
      from subscriber returning id, subscriber_id
    ),
    declaration as (
      select * from unnest(
        ${each.map((one) => one.newsletterId)}::bigint[], ${each.map((one) => one.consentText)}::bytea[],
        ${each.map((one) => one.address.digest)}::bytea[], ${each.map((one) => one.address.salt)}::bytea[],
        ${each.map((one) => one.ip.digest)}::bytea[], ${each.map((one) => one.ip.salt)}::bytea[],
        ${each.map((one) => one.agent.digest)}::bytea[], ${each.map((one) => one.agent.salt)}::bytea[]
      ) as t(newsletter_id, consent_text, address_digest, address_salt, ip_digest, ip_salt, agent_digest, agent_salt)
    ),
    record as (
      insert into consent_records (action, purpose, subscriber_id, newsletter_id, signup_request_id, consent_text, terms_text,
        privacy_text, terms_document_id, privacy_document_id, is_asserted_by_caller, method, form_id, form_version, locale,
        page_url, actor, occurred_at, address_digest, ip_digest, agent_digest)
      select 'requested', 'newsletter', request.subscriber_id, d.newsletter_id, request.id, d.consent_text,
        ${rows.termsText}::bytea, ${rows.privacyText}::bytea, ${rows.termsDocumentId}::bigint, ${rows.privacyDocumentId}::bigint,
        ${rows.isAssertedByCaller}::boolean, ${rows.method}, ${rows.formId}, ${rows.formVersion}, ${rows.textLocale},
        ${rows.pageUrl}, 'subscriber', ${rows.requestedAt}, d.address_digest, d.ip_digest, d.agent_digest
      from request, declaration d
      returning id, newsletter_id
    ),
    personal as (
      insert into consent_personal (record_id, address, address_salt, ip, ip_salt, agent, agent_salt)
      select record.id, ${rows.address.address}, d.address_salt, ${each[0]?.ip.value ?? null}, d.ip_salt,
        ${each[0]?.agent.value ?? null}, d.agent_salt
      from record join declaration d on d.newsletter_id = record.newsletter_id
    )
    select id from request`.execute(db);
  const id = inserted[0]?.id;
  if (id === undefined) {
    throw new Error('the signup statement returned no request');
  }
  return id;
}

export interface UndecidedRequest {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly newsletterIds: readonly NewsletterId[];
  readonly activeIds: readonly NewsletterId[];
  /** A manual or complaint suppression is open: nothing may be mailed. */
  readonly isShut: boolean;
  /** A confirmation for the same newsletters was decided in the last minutes: a double click. */
  readonly isRepeat: boolean;
  readonly confirmationsToday: number;
  /** Or will be by an earlier request that waits like this one: a double click. */
  readonly wasToldThisWeek: boolean;
}

/** Locks undecided requests for this transaction; other workers pass them by. */
export async function lockUndecidedRequests(tx: Tx, now: Date, limit: number): Promise<readonly UndecidedRequest[]> {
  const { rows } = await sql<UndecidedRequest>`
    with undecided as (
      select * from signup_requests where decided_at is null order by id limit ${limit} for update skip locked
    )
    select r.id, r.subscriber_id as "subscriberId", s.address, r.newsletter_ids as "newsletterIds",
      array(select n.newsletter_id from subscriptions n
        where n.subscriber_id = r.subscriber_id and n.newsletter_id = any(r.newsletter_ids) and n.status = 'active') as "activeIds",
      exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null
        and x.reason in ('manual', 'complaint')) as "isShut",
      exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id and o.id < r.id and o.status = 'open'
        and (o.decision = 'confirmation' or o.decided_at is null) and o.newsletter_ids @> r.newsletter_ids
        and o.requested_at > r.requested_at - interval '2 minutes') as "isRepeat",
      (select count(*) from signup_requests o where o.subscriber_id = r.subscriber_id and o.decision = 'confirmation'
        and o.decided_at > ${now}::timestamptz - interval '1 day') as "confirmationsToday",
      exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id
        and (o.decision = 'already-subscribed' and o.decided_at > ${now}::timestamptz - interval '7 days'
          or o.decided_at is null and o.id < r.id and o.newsletter_ids @> r.newsletter_ids)) as "wasToldThisWeek"
    from undecided r join subscribers s on s.id = r.subscriber_id
    order by r.id`.execute(tx);
  return rows;
}

export async function markDecided(
  tx: Tx,
  request: SignupRequestId,
  decision: 'confirmation' | 'already-subscribed' | 'nothing',
  now: Date,
): Promise<void> {
  await tx.updateTable('signup_requests').set({ decision, decided_at: now }).where('id', '=', request).execute();
}

/**
 * Pending where there was nothing or the reader had left; never touches an active subscription. An earlier confirmation
 * no longer counts: or "that was a mistake" would stand in for a new one.
 */
export async function upsertPending(
  tx: Tx,
  subscriberId: SubscriberId,
  newsletterIds: readonly NewsletterId[],
  now: Date,
): Promise<void> {
  await sql`
    insert into subscriptions (subscriber_id, newsletter_id, status, requested_at)
    select ${subscriberId}, n, 'pending', ${now} from unnest(${newsletterIds}::bigint[]) as n
    on conflict (newsletter_id, subscriber_id) do update set status = 'pending', requested_at = excluded.requested_at,
      confirmed_at = null where subscriptions.status = 'unsubscribed'`.execute(tx);
}

export interface SignupRequestState {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly status: 'open' | 'confirmed' | 'refused' | 'expired';
  readonly newsletterIds: readonly NewsletterId[];
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
}

export async function findRequest(db: DbOrTx, id: number): Promise<SignupRequestState | undefined> {
  const { rows } = await sql<SignupRequestState>`
    select r.id, r.subscriber_id as "subscriberId", s.address, r.status, r.newsletter_ids as "newsletterIds",
      r.requested_at as "requestedAt", r.expires_at as "expiresAt", r.closed_at as "closedAt"
    from signup_requests r join subscribers s on s.id = r.subscriber_id where r.id = ${id}`.execute(db);
  return rows[0];
}

/** Closes an open request; undefined when it was closed before, or is over: then it can only be refused. */
export async function closeRequest(
  tx: Tx,
  id: number,
  status: 'confirmed' | 'refused',
  now: Date,
): Promise<SignupRequestState | undefined> {
  const { rows } = await sql<SignupRequestState>`
    update signup_requests r set status = ${status}, closed_at = ${now}
    from subscribers s
    where r.id = ${id} and s.id = r.subscriber_id
      and (r.status = 'open' and r.expires_at > ${now} or ${status} = 'refused' and r.status in ('open', 'expired'))
    returning r.id, r.subscriber_id as "subscriberId", s.address, r.status, r.newsletter_ids as "newsletterIds",
      r.requested_at as "requestedAt", r.expires_at as "expiresAt", r.closed_at as "closedAt"`.execute(tx);
  return rows[0];
}

/** What the owner of the address entered becomes theirs now. Only what was given. */
export async function adoptRequestDetails(tx: Tx, id: SignupRequestId): Promise<void> {
  await sql`
    update subscribers s set name = coalesce(r.name, s.name), locale = coalesce(r.locale, s.locale),
      time_zone = coalesce(r.time_zone, s.time_zone)
    from signup_requests r where r.id = ${id} and s.id = r.subscriber_id`.execute(tx);
}

export interface UnwelcomedRequest {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly newsletterIds: readonly NewsletterId[];
}

export async function lockUnwelcomedRequests(tx: Tx, limit: number): Promise<readonly UnwelcomedRequest[]> {
  const { rows } = await sql<UnwelcomedRequest>`
    with unwelcomed as (
      select * from signup_requests where status = 'confirmed' and welcomed_at is null order by id limit ${limit}
      for update skip locked
    )
    select r.id, r.subscriber_id as "subscriberId", s.address, r.newsletter_ids as "newsletterIds"
    from unwelcomed r join subscribers s on s.id = r.subscriber_id order by r.id`.execute(tx);
  return rows;
}

export async function markWelcomed(tx: Tx, id: SignupRequestId, now: Date): Promise<void> {
  await tx.updateTable('signup_requests').set({ welcomed_at: now }).where('id', '=', id).execute();
}

/** Work that rows say is waiting; for the sweep. */
export async function hasWaitingSignups(db: Db): Promise<boolean> {
  const { rows } = await sql<{ waiting: boolean }>`
    select exists (select 1 from signup_requests where decided_at is null)
      or exists (select 1 from signup_requests where status = 'confirmed' and welcomed_at is null) as waiting`.execute(
    db,
  );
  return rows[0]?.waiting ?? false;
}

/** Marks requests whose link is over. Their data is deleted by retention. */
export async function expireRequests(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('signup_requests')
    .set({ status: 'expired', closed_at: now })
    .where('status', '=', 'open')
    .where('expires_at', '<=', now)
    .execute();
}
