import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';

/**
 * Folds settled deliveries from before `before` into totals, at most `limit` of them in this statement, and returns how many. The
 * counts of a campaign are kept apart and stay what they were; only of campaigns that have ended, since a row is also
 * what keeps anybody from being mailed twice. A confirmation mail is part of the proof of a consent and stays as long as that.
 * Run at the same time it takes other rows.
 */
export async function foldDeliveries(db: DbOrTx, before: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with old as materialized (
      select d.id from deliveries d
      where d.created_at < ${before} and d.state in ('accepted', 'rejected', 'suppressed', 'ambiguous', 'cancelled')
        -- A confirmation as it was sent is evidence, as long as there is any (R27, R29).
        and (d.kind <> 'confirm' or d.address = '' and not exists (select 1 from erasures e where e.subscriber_id = d.subscriber_id))
        and (d.campaign_id is null or exists (select 1 from campaigns c where c.id = d.campaign_id and c.status in ('sent', 'cancelled')))
      limit ${limit} for update of d skip locked
    ),
    gone as (delete from deliveries d using old where d.id = old.id returning d.campaign_id, d.kind, d.state),
    folded as (
      insert into delivery_totals (kind, state, count)
      select kind, state, count(*) from gone where campaign_id is null group by kind, state
      on conflict (kind, state) do update set count = delivery_totals.count + excluded.count
    )
    select count(*) as count from gone`.execute(db);
  return rows[0]?.count ?? 0;
}
