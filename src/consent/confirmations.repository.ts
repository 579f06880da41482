import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { DeliveryId } from '../shared/ids.ts';

/** The mail as sent and what became of it: the details of a `confirmation_sent` record. */
export interface ConfirmationMail {
  readonly deliveryId: DeliveryId;
  /** `accepted`: the next hop said 250. `suppressed`: the gate kept it back, nothing was sent. */
  readonly outcome: 'accepted' | 'rejected' | 'suppressed' | 'ambiguous';
  readonly template: string;
  /** SHA-256 of the compiled mail, by which it is found and built again byte by byte. */
  readonly mailHash: string;
  /** Null when nothing was sent. */
  readonly messageId: string | null;
  readonly attempts: number;
  readonly replyCode: number | null;
  readonly enhancedCode: string | null;
  /** Why it was not accepted. */
  readonly reason: string | null;
}

/**
 * One `confirmation_sent` for each newsletter of the request that the mail is about. Once for each outcome: an ambiguous mail
 * may turn out to have been accepted.
 */
export async function recordConfirmations(db: DbOrTx, mails: readonly ConfirmationMail[], now: Date): Promise<void> {
  if (mails.length === 0) {
    return;
  }
  const details = mails.map(({ deliveryId: _deliveryId, ...facts }) => JSON.stringify(facts));
  await sql`
    insert into consent_records (action, purpose, subscriber_id, newsletter_id, signup_request_id, delivery_id, method, actor, occurred_at, details)
    select 'confirmation_sent', 'newsletter', r.subscriber_id, n.newsletter_id, r.id, d.id, 'system', 'system',
      coalesce(d.settled_at, ${now}), t.details::jsonb
    from unnest(${mails.map(({ deliveryId }) => deliveryId)}::bigint[], ${details}::text[]) as t(delivery_id, details)
    join deliveries d on d.id = t.delivery_id
    left join confirmation_resends again on again.id = d.cause_id
    join signup_requests r on r.id = coalesce(again.mailed_request_id, d.cause_id)
    cross join lateral unnest(r.newsletter_ids) as n(newsletter_id)
    order by d.id, n.newsletter_id
    on conflict do nothing`.execute(db);
}

/** Confirmations that ended outside an attempt, as at the gate, with their worker or by the press of the button in them, and are not in the ledger yet. */
export async function listUnrecordedConfirmations(
  db: DbOrTx,
  since: Date,
  limit: number,
): Promise<readonly DeliveryId[]> {
  const { rows } = await sql<{ id: DeliveryId }>`
    select d.id from deliveries d
    left join confirmation_resends again on again.id = d.cause_id
    join signup_requests r on r.id = coalesce(again.mailed_request_id, d.cause_id)
    where d.kind = 'confirm' and d.created_at > ${since}
      and (d.state in ('rejected', 'suppressed', 'ambiguous') or d.state = 'accepted' and d.reason = 'confirmed_by_reader')
      and not exists (select 1 from consent_records c
        where c.action = 'confirmation_sent' and c.delivery_id = d.id and c.details ->> 'outcome' = d.state)
    order by d.created_at limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}
