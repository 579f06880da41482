import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { SubscriberId } from '../shared/ids.ts';

/** JSON of PostgreSQL: instants are ISO 8601 texts. */
type Row = Readonly<Record<string, unknown>>;

export interface PersonRows {
  readonly subscriber: Row;
  readonly subscriptions: readonly Row[];
  readonly reasonsForLeaving: readonly Row[];
  readonly signupRequests: readonly Row[];
  readonly addressChanges: readonly Row[];
  readonly suppressions: readonly Row[];
  readonly mails: readonly Row[];
  readonly mailEvents: readonly Row[];
}

/** Everything that hangs on a subscriber, less what `readConsentStory` tells. Undefined for nobody. */
export async function readPersonRows(db: DbOrTx, subscriberId: SubscriberId): Promise<PersonRows | undefined> {
  const subscriber = await read(
    db,
    sql`select id, address, name, locale, time_zone as "timeZone", tracking_allowed as "trackingAllowed", created_at as "createdAt"
      from subscribers where id = ${subscriberId}`,
  );
  const [person] = subscriber;
  if (person === undefined) {
    return undefined;
  }
  return {
    subscriber: person,
    subscriptions: await read(
      db,
      sql`select l.name as newsletter, n.status, n.requested_at as "requestedAt", n.confirmed_at as "confirmedAt",
          n.unsubscribed_at as "unsubscribedAt", n.paused_until as "pausedUntil",
          (select json_agg(t.name order by t.position, t.id) from newsletter_sections t where t.id = any(n.section_ids)) as sections, n.frequency
        from subscriptions n join newsletters l on l.id = n.newsletter_id where n.subscriber_id = ${subscriberId} order by n.id`,
    ),
    reasonsForLeaving: await read(
      db,
      sql`select l.name as newsletter, u.given_at as "givenAt", u.reason, u.comment
        from unsubscribe_reasons u join subscriptions n on n.id = u.subscription_id join newsletters l on l.id = n.newsletter_id
        where n.subscriber_id = ${subscriberId} order by u.given_at`,
    ),
    signupRequests: await read(
      db,
      sql`select r.id, array(select l.name from newsletters l where l.id = any(r.newsletter_ids) order by l.name) as newsletters,
          r.name, r.locale, r.time_zone as "timeZone", r.status, r.decision, r.requested_at as "requestedAt",
          r.expires_at as "expiresAt", r.closed_at as "closedAt"
        from signup_requests r where r.subscriber_id = ${subscriberId} order by r.id`,
    ),
    addressChanges: await read(
      db,
      sql`select new_address as "newAddress", status, requested_at as "requestedAt", confirmed_at as "confirmedAt",
          agreed_at as "agreedAt", closed_at as "closedAt"
        from address_changes where subscriber_id = ${subscriberId} order by id`,
    ),
    suppressions: await read(
      db,
      sql`select x.reason, x.created_at as "createdAt", x.lifted_at as "liftedAt"
        from suppressions x join subscribers s on s.address_hash = x.address_hash where s.id = ${subscriberId} order by x.id`,
    ),
    mails: await read(
      db,
      sql`select d.id, d.kind, coalesce(c.subject, m.template) as subject, d.address, d.state, d.reason, d.attempt as tries,
          d.created_at as "plannedAt", d.settled_at as "settledAt", d.reply_code as "replyCode", d.enhanced_code as "enhancedCode"
        from deliveries d join compiled_mails m on m.id = d.compiled_mail_id left join campaigns c on c.id = d.campaign_id
        where d.subscriber_id = ${subscriberId} order by d.id`,
    ),
    mailEvents: await read(
      db,
      sql`select e.delivery_id as "mailId", e.event, e.reply_code as "replyCode", e.reply_text as "replyText", e.occurred_at as "occurredAt"
        from delivery_events e join deliveries d on d.id = e.delivery_id where d.subscriber_id = ${subscriberId} order by e.id`,
    ),
  };
}

async function read(db: DbOrTx, query: ReturnType<typeof sql>): Promise<readonly Row[]> {
  return (await (query as ReturnType<typeof sql<Row>>).execute(db)).rows;
}
