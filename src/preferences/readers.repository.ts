import { sql } from 'kysely';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { LegalDocumentId, NewsletterId, SubscriberId } from '../shared/ids.ts';
import type { ChosenContent, Reader, ReaderContent, ReaderSubscription } from './reader.ts';

type Row = Omit<Reader, 'subscriptions'>;

const CONTENT = sql`l.slug as "newsletterSlug", l.is_public as "isPublic", l.cron,
  coalesce(r.offers_sections, false) as "offersSections", coalesce(r.offers_frequency, false) as "offersFrequency",
  coalesce((select json_agg(json_build_object('id', t.id, 'slug', t.slug, 'name', t.name) order by t.position, t.id)
    from newsletter_sections t where t.newsletter_id = l.id), '[]') as sections,
  n.section_ids as "sectionIds", n.frequency`;
const CONTENT_TABLES = sql`subscriptions n join newsletters l on l.id = n.newsletter_id left join digest_rules r on r.newsletter_id = l.id`;

export async function findReader(db: DbOrTx, id: number, now: Date): Promise<Reader | undefined> {
  const { rows } = await sql<Row>`
    select s.id, s.address, s.locale, s.time_zone as "timeZone", s.tracking_allowed as "isTrackingAllowed"
    from subscribers s where s.id = ${id}`.execute(db);
  const [reader] = rows;
  if (reader === undefined) {
    return undefined;
  }
  const { rows: subscriptions } = await sql<Omit<ReaderSubscription, 'content'> & ReaderContent>`
    select n.id, n.newsletter_id as "newsletterId", l.name as "newsletterName", n.status,
      case when n.paused_until > ${now} then n.paused_until end as "pausedUntil", ${CONTENT}
    from ${CONTENT_TABLES} where n.subscriber_id = ${id} order by l.name, l.id`.execute(db);
  return {
    ...reader,
    subscriptions: subscriptions.map(
      ({ id: subscriptionId, newsletterId, newsletterName, status, pausedUntil, ...content }) => ({
        id: subscriptionId,
        newsletterId,
        newsletterName,
        status,
        pausedUntil,
        content,
      }),
    ),
  };
}

/**
 * Moves the end of the pause of active subscriptions, and tells of which. `null` as end: the pause is over now; `null` as newsletter: all of
 * them. Without `mayShorten` a pause that lasts longer stays as it is.
 */
export async function setPause(
  tx: Tx,
  pause: {
    readonly subscriberId: SubscriberId;
    readonly newsletterId: NewsletterId | null;
    readonly until: Date | null;
    readonly mayShorten: boolean;
    readonly now: Date;
  },
): Promise<readonly NewsletterId[]> {
  const { rows } = await sql<{ newsletterId: NewsletterId }>`
    update subscriptions set paused_until = ${pause.until}
    where subscriber_id = ${pause.subscriberId} and status = 'active'
      and (${pause.newsletterId}::bigint is null or newsletter_id = ${pause.newsletterId})
      and case when paused_until > ${pause.now} then paused_until end is distinct from ${pause.until}::timestamptz
      and (${pause.mayShorten}::boolean or paused_until is null or paused_until < ${pause.until})
    returning newsletter_id as "newsletterId"`.execute(tx);
  return rows.map((row) => row.newsletterId);
}

/**
 * What of a newsletter somebody reads, who does so now; locked until the transaction ends, and no section of the newsletter can be removed until then. Sections
 * first, as an editor does who removes one.
 */
export async function lockContent(
  tx: Tx,
  subscriberId: SubscriberId,
  newsletterId: NewsletterId,
): Promise<ReaderContent | undefined> {
  await sql`select id from newsletter_sections where newsletter_id = ${newsletterId} order by id for key share`.execute(
    tx,
  );
  await sql`select id from subscriptions where subscriber_id = ${subscriberId} and newsletter_id = ${newsletterId} for update`.execute(
    tx,
  );
  const { rows } = await sql<ReaderContent>`
    select ${CONTENT} from ${CONTENT_TABLES}
    where n.subscriber_id = ${subscriberId} and n.newsletter_id = ${newsletterId} and n.status = 'active'`.execute(tx);
  return rows[0];
}

export async function setContent(
  tx: Tx,
  subscriberId: SubscriberId,
  newsletterId: NewsletterId,
  { sectionIds, frequency }: ChosenContent,
): Promise<void> {
  await tx
    .updateTable('subscriptions')
    .set({ section_ids: sectionIds === null ? null : [...sectionIds], frequency })
    .where('subscriber_id', '=', subscriberId)
    .where('newsletter_id', '=', newsletterId)
    .execute();
}

/** True when it was otherwise before. */
export async function setTracking(tx: Tx, subscriberId: SubscriberId, isAllowed: boolean): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('subscribers')
    .set({ tracking_allowed: isAllowed })
    .where('id', '=', subscriberId)
    .where('tracking_allowed', '<>', isAllowed)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Tells which of them were otherwise before. */
export async function setDetails(
  tx: Tx,
  subscriberId: SubscriberId,
  details: { readonly locale: string; readonly timeZone: string | null },
): Promise<readonly ('locale' | 'timeZone')[]> {
  const { rows } = await sql<{ locale: boolean; timeZone: boolean }>`
    with before as (select id, locale, time_zone from subscribers where id = ${subscriberId} for update)
    update subscribers s set locale = ${details.locale}, time_zone = ${details.timeZone}
    from before where s.id = before.id
    returning before.locale is distinct from s.locale as locale, before.time_zone is distinct from s.time_zone as "timeZone"`.execute(
    tx,
  );
  const [changed] = rows;
  return (['locale', 'timeZone'] as const).filter((field) => changed?.[field] === true);
}

/** One change of a person at a time. Lets others insert what refers to them, which the lanes do while they hold other rows. */
export async function lockReader(tx: Tx, id: SubscriberId): Promise<{ readonly address: string } | undefined> {
  return tx.selectFrom('subscribers').select('address').where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
}

/** Whether they accepted one of these documents, by a declaration that is known to be theirs. */
export async function hasAccepted(
  db: DbOrTx,
  id: SubscriberId,
  documentIds: readonly LegalDocumentId[],
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from consent_records r
    where r.subscriber_id = ${id} and r.terms_document_id = any(${documentIds}::bigint[])
      and (r.action <> 'requested' or exists (select 1 from consent_records g
        where g.subscriber_id = r.subscriber_id and g.action = 'granted' and g.signup_request_id = r.signup_request_id))
    limit 1`.execute(db);
  return rows.length > 0;
}

/** A suppression is open: no mail would come. */
export async function isSuppressed(db: DbOrTx, id: SubscriberId): Promise<boolean> {
  const { rows } = await sql`
    select 1 from subscribers s join suppressions x on x.address_hash = s.address_hash
    where s.id = ${id} and x.lifted_at is null limit 1`.execute(db);
  return rows.length > 0;
}

const KEPT_DAYS = 2;

/** For the sweep: forgets links and address changes, whose addresses may be strangers', once no limit counts them any more. */
export async function deleteOldPreferenceRows(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_DAYS * 86_400_000);
  await db.deleteFrom('preference_links').where('requested_at', '<', before).execute();
  await db.deleteFrom('address_changes').where('requested_at', '<', before).execute();
}
