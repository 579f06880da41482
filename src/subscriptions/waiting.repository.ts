import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';

/** A newsletter that was asked for while another confirmation was open. */
export interface WaitingNewsletter {
  readonly requestId: SignupRequestId;
  readonly newsletterId: NewsletterId;
  readonly newsletterName: string;
  readonly requestedAt: Date;
  /** The wording it was asked for with; null when only the caller of the API knows it. */
  readonly consentText: string | null;
  readonly textLocale: string | null;
}

/**
 * What waited when this confirmation was clicked and is not read yet: each newsletter once, as it was asked for last. Requests
 * that come later are not among it: they get a mail of their own.
 */
export async function listWaiting(
  db: DbOrTx,
  confirmed: { readonly subscriberId: SubscriberId; readonly closedAt: Date },
  now: Date,
): Promise<readonly WaitingNewsletter[]> {
  const { rows } = await sql<WaitingNewsletter>`
    select distinct on (w.newsletter_id) r.id as "requestId", w.newsletter_id as "newsletterId", l.name as "newsletterName",
      r.requested_at as "requestedAt", t.text as "consentText", c.locale as "textLocale"
    from signup_requests r
    cross join lateral unnest(r.newsletter_ids) as w(newsletter_id)
    join newsletters l on l.id = w.newsletter_id
    left join consent_records c on c.subscriber_id = r.subscriber_id and c.signup_request_id = r.id
      and c.newsletter_id = w.newsletter_id and c.action = 'requested'
    left join consent_texts t on t.hash = c.consent_text
    where r.subscriber_id = ${confirmed.subscriberId} and r.decision = 'waiting' and r.status = 'open' and r.expires_at > ${now}
      and r.requested_at <= ${confirmed.closedAt}
      and not exists (select 1 from subscriptions n
        where n.subscriber_id = r.subscriber_id and n.newsletter_id = w.newsletter_id and n.status = 'active')
    order by w.newsletter_id, r.id desc`.execute(db);
  return rows;
}

/** Until the transaction ends nobody else confirms, refuses or expires what waits. */
export async function lockWaitingRequests(tx: Tx, subscriberId: SubscriberId): Promise<void> {
  await sql`select id from signup_requests where subscriber_id = ${subscriberId} and decision = 'waiting' and status = 'open'
    order by id for update`.execute(tx);
}

/** Closes those of which everything is read now. They were granted on a page that says so: no welcome comes. */
export async function closeGrantedRequests(tx: Tx, ids: readonly SignupRequestId[], now: Date): Promise<void> {
  await sql`
    update signup_requests r set status = 'confirmed', closed_at = ${now}, welcomed_at = ${now}
    where r.id = any(${ids}::bigint[]) and not exists (
      select 1 from unnest(r.newsletter_ids) as w
      where not exists (select 1 from subscriptions n
        where n.subscriber_id = r.subscriber_id and n.newsletter_id = w and n.status = 'active'))`.execute(tx);
}

/** Whether the address gets no mail of ours at all, although its owner has confirmed. */
export async function isAddressShut(db: DbOrTx, subscriberId: SubscriberId): Promise<boolean> {
  const { rows } = await sql<{ isShut: boolean }>`
    select exists (select 1 from subscribers s join suppressions x on x.address_hash = s.address_hash
      where s.id = ${subscriberId} and x.lifted_at is null) as "isShut"`.execute(db);
  return rows[0]?.isShut ?? false;
}
