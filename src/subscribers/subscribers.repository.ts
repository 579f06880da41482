import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { SubscriberFilter, SubscriberSummary } from './subscriber.ts';

const SUMMARY = sql`
  s.id, s.address, s.name, s.created_at as "createdAt",
  coalesce((select json_agg(json_build_object('newsletterId', n.newsletter_id, 'newsletterName', l.name, 'status', n.status,
      'confirmedAt', n.confirmed_at, 'pausedUntil', n.paused_until,
      'sections', (select json_agg(t.name order by t.position, t.id) from newsletter_sections t where t.id = any(n.section_ids)),
      'frequency', n.frequency) order by l.name)
    from subscriptions n join newsletters l on l.id = n.newsletter_id where n.subscriber_id = s.id), '[]') as subscriptions,
  coalesce((select json_agg(x.reason order by x.reason) from suppressions x
    where x.address_hash = s.address_hash and x.lifted_at is null), '[]') as suppressed`;

function conditions(filter: SubscriberFilter): RawBuilder<unknown> {
  const pattern = filter.q === undefined ? null : `%${filter.q.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const status = filter.status === 'suppressed' ? null : (filter.status ?? null);
  const newsletterId = filter.newsletterId ?? null;
  return sql`
    (${pattern}::text is null or s.address_key like ${pattern} or lower(s.name) like ${pattern})
    and (${status}::text is null and ${newsletterId}::bigint is null or exists (select 1 from subscriptions n
      where n.subscriber_id = s.id and (${status}::text is null or n.status = ${status})
        and (${newsletterId}::bigint is null or n.newsletter_id = ${newsletterId})))
    and (${filter.status !== 'suppressed'}::boolean or exists (select 1 from suppressions x
      where x.address_hash = s.address_hash and x.lifted_at is null))`;
}

export async function selectSubscribers(
  db: DbOrTx,
  filter: SubscriberFilter,
  limit: number,
): Promise<readonly SubscriberSummary[]> {
  const { rows } = await sql<SubscriberSummary>`
    select ${SUMMARY} from subscribers s
    where ${conditions(filter)} and (${filter.cursor ?? null}::bigint is null or s.id < ${filter.cursor ?? null})
    order by s.id desc limit ${limit}`.execute(db);
  return rows;
}

export async function countSubscribers(db: DbOrTx, filter: SubscriberFilter): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from subscribers s where ${conditions(filter)}`.execute(db);
  return rows[0]?.count ?? 0;
}

export async function selectSubscriber(db: DbOrTx, id: SubscriberId): Promise<SubscriberSummary | undefined> {
  const { rows } = await sql<SubscriberSummary>`select ${SUMMARY} from subscribers s where s.id = ${id}`.execute(db);
  return rows[0];
}

export async function selectSubscriberByKey(db: DbOrTx, key: AddressKey): Promise<SubscriberSummary | undefined> {
  const { rows } =
    await sql<SubscriberSummary>`select ${SUMMARY} from subscribers s where s.address_key = ${key}`.execute(db);
  return rows[0];
}
