import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { SubscriberId } from '../shared/ids.ts';

/** In `settings`: when the last run began, and when the last one came to its end. */
const KEY = 'retention';

/** Takes the day's run, once: undefined when it was done lately, or another worker is at it. Returns when the last one ended. */
export async function claimRun(
  db: Db,
  now: Date,
  { everyHours, atItHours }: { readonly everyHours: number; readonly atItHours: number },
): Promise<{ readonly endedBefore: Date | null } | undefined> {
  const { rows } = await sql<{ endedAt: string | null }>`
    insert into settings (key, value, updated_at) values (${KEY}, ${JSON.stringify({ startedAt: now, endedAt: null })}::jsonb, ${now})
    on conflict (key) do update set updated_at = excluded.updated_at,
      value = settings.value || jsonb_build_object('startedAt', excluded.value -> 'startedAt')
    where coalesce((settings.value ->> 'endedAt')::timestamptz, '-infinity') <= ${now}::timestamptz - make_interval(hours => ${everyHours})
      and (settings.value ->> 'startedAt')::timestamptz <= ${now}::timestamptz - make_interval(hours => ${atItHours})
    returning value ->> 'endedAt' as "endedAt"`.execute(db);
  const [row] = rows;
  return row === undefined ? undefined : { endedBefore: row.endedAt === null ? null : new Date(row.endedAt) };
}

export async function finishRun(db: Db, now: Date): Promise<void> {
  await sql`update settings set value = value || ${JSON.stringify({ endedAt: now })}::jsonb, updated_at = ${now} where key = ${KEY}`.execute(
    db,
  );
}

/** Locks a person, so that what is read of them next stays true: whoever signs them up or confirms waits. */
export async function lockSubscriber(tx: Tx, id: SubscriberId): Promise<void> {
  await sql`select id from subscribers where id = ${id} for update`.execute(tx);
}

/** Which persons to look for: all, at most `limit` of them, or whether this one is still among them. */
export type Whom = { readonly limit: number } | { readonly only: SubscriberId };

function isWhom(whom: Whom, id: RawBuilder<unknown>): RawBuilder<unknown> {
  return 'only' in whom ? sql`and ${id} = ${whom.only}` : sql``;
}

function limitOf(whom: Whom): number {
  return 'only' in whom ? 1 : whom.limit;
}

/** Persons with nothing but sign-ups that were over before `before`: no subscription, no consent at any time, nothing open. */
export async function listUnconfirmed(db: DbOrTx, before: Date, whom: Whom): Promise<readonly SubscriberId[]> {
  const { rows } = await sql<{ id: SubscriberId }>`
    select distinct r.subscriber_id as id from signup_requests r
    where r.status in ('expired', 'refused') and r.expires_at < ${before} ${isWhom(whom, sql`r.subscriber_id`)}
      and not exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id
        and (o.status in ('open', 'confirmed') or o.expires_at >= ${before}))
      and not exists (select 1 from subscriptions n where n.subscriber_id = r.subscriber_id
        and (n.status = 'active' or n.confirmed_at is not null))
      and not exists (select 1 from consent_records c where c.subscriber_id = r.subscriber_id
        and c.action in ('granted', 'renewed'))
    limit ${limitOf(whom)}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Sign-ups that led to nothing, of persons who are here for another reason. What they declared stays in the consent records. */
export async function deleteOverRequests(db: DbOrTx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from signup_requests where id in (
      select id from signup_requests where status in ('expired', 'refused') and expires_at < ${before}
      order by expires_at limit ${limit} for update skip locked)`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** Whose network or browser is behind a declaration from before `before`. */
export async function listWithOldNetworks(db: DbOrTx, before: Date, limit: number): Promise<readonly SubscriberId[]> {
  const { rows } = await sql<{ id: SubscriberId }>`
    select distinct t.id from (
      select r.subscriber_id as id from consent_personal p join consent_records r on r.id = p.record_id
      where (p.ip is not null or p.agent is not null) and r.occurred_at < ${before}
      order by p.record_id limit ${limit}
    ) t order by t.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Persons who left everything before `before` and asked for nothing since. */
export async function listLongGone(db: DbOrTx, before: Date, whom: Whom): Promise<readonly SubscriberId[]> {
  const { rows } = await sql<{ id: SubscriberId }>`
    select distinct n.subscriber_id as id from subscriptions n
    where n.status = 'unsubscribed' and n.unsubscribed_at < ${before} ${isWhom(whom, sql`n.subscriber_id`)}
      and not exists (select 1 from subscriptions o where o.subscriber_id = n.subscriber_id
        and (o.status <> 'unsubscribed' or o.unsubscribed_at >= ${before}))
      and not exists (select 1 from signup_requests o where o.subscriber_id = n.subscriber_id and o.requested_at >= ${before})
    limit ${limitOf(whom)}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Erased persons whose evidence nobody may keep any longer; locked for this transaction. */
export async function lockEndedEvidence(tx: Tx, now: Date, limit: number): Promise<readonly SubscriberId[]> {
  const { rows } = await sql<{ id: SubscriberId }>`
    select subscriber_id as id from erasures where evidence_until <= ${now} order by subscriber_id limit ${limit}
    for update skip locked`.execute(tx);
  return rows.map(({ id }) => id);
}

export async function deleteErasures(tx: Tx, subscriberIds: readonly SubscriberId[]): Promise<void> {
  await sql`delete from erasures where subscriber_id = any(${subscriberIds}::bigint[])`.execute(tx);
}

/** From now on what they declared is evidence and nothing else (GDPR 18): they left everything since `since`. */
export async function restrictValuesOfLeavers(db: DbOrTx, since: Date, now: Date): Promise<void> {
  await sql`
    update consent_personal p set restricted_at = ${now} from consent_records r
    where r.id = p.record_id and p.restricted_at is null and r.subscriber_id in (
      select n.subscriber_id from subscriptions n
      where n.status = 'unsubscribed' and n.unsubscribed_at >= ${since}
        and not exists (select 1 from subscriptions o where o.subscriber_id = n.subscriber_id and o.status <> 'unsubscribed'))`.execute(
    db,
  );
}
