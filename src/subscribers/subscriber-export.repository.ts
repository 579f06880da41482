import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { ExportFilter } from './subscriber.ts';

export interface ExportRow {
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly name: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly newsletter: string | null;
  readonly status: string | null;
  readonly requestedAt: string | null;
  readonly confirmedAt: string | null;
  readonly unsubscribedAt: string | null;
  /** Slugs, separated by spaces; null for all of them. */
  readonly sections: string | null;
  readonly frequency: string | null;
  /** The reasons, or nothing. */
  readonly suppressed: string;
}

/**
 * The next subscribers by id, with a row for each of their subscriptions that fits; without a filter also those who have none.
 * Goes by subscribers and not by rows, so that a page ends where a person does. `offset 0` keeps PostgreSQL from merging this
 * page with all subscriptions there are, which made each page slower than the one before.
 */
export async function readExportPage(
  db: DbOrTx,
  filter: ExportFilter,
  afterId: SubscriberId | undefined,
  limit: number,
): Promise<readonly ExportRow[]> {
  const { newsletterId = null, status = null } = filter;
  const instant = (column: string) =>
    sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const { rows } = await sql<ExportRow>`
    with person as (
      select s.* from subscribers s where s.id > ${afterId ?? 0}
        and (${newsletterId}::bigint is null and ${status}::text is null or exists (select 1 from subscriptions n
          where n.subscriber_id = s.id and (${newsletterId}::bigint is null or n.newsletter_id = ${newsletterId})
            and (${status}::text is null or n.status = ${status})))
      order by s.id limit ${limit}
    )
    select s.id as "subscriberId", s.address, s.name, s.locale, s.time_zone as "timeZone", l.slug as newsletter, n.status,
      ${instant('n.requested_at')} as "requestedAt", ${instant('n.confirmed_at')} as "confirmedAt",
      ${instant('n.unsubscribed_at')} as "unsubscribedAt",
      (select string_agg(t.slug, ' ' order by t.position, t.id) from newsletter_sections t where t.id = any(n.section_ids)) as sections,
      n.frequency,
      coalesce((select string_agg(x.reason, ' ' order by x.reason) from suppressions x
        where x.address_hash = s.address_hash and x.lifted_at is null), '') as suppressed
    from person s
    left join lateral (
      select * from subscriptions n where n.subscriber_id = s.id
        and (${newsletterId}::bigint is null or n.newsletter_id = ${newsletterId})
        and (${status}::text is null or n.status = ${status})
      offset 0
    ) n on true
    left join newsletters l on l.id = n.newsletter_id
    order by s.id, n.id`.execute(db);
  return rows;
}
