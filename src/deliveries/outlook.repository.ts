import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { CampaignId } from '../shared/ids.ts';

/** What lies ahead of a campaign, told by its blocks. */
export interface SendingOutlook {
  /** Open mails in the hands of workers: at most so many may still leave after a pause or a cancellation. */
  readonly underWay: number;
  /** Open mails that are due later: tried again, or waiting for their window. */
  readonly waiting: number;
  /** When the first of those is due. */
  readonly nextDueAt: Date | null;
}

export async function readOutlook(db: DbOrTx, campaignId: CampaignId, now: Date): Promise<SendingOutlook> {
  const { rows } = await sql<SendingOutlook>`
    select
      (select count(*) from (
        select unnest(coalesce(b.ids, array(select generate_series(b.first_id, b.last_id)))) as id
        from delivery_blocks b where b.campaign_id = ${campaignId} and b.worker_id is not null
      ) held join deliveries d on d.id = held.id and d.campaign_id = ${campaignId}
        where d.state in ('planned', 'dot_pending') or d.state = 'deferred' and d.due_at <= ${now}) as "underWay",
      later.waiting, later."nextDueAt"
    from (
      select coalesce(sum(coalesce(cardinality(ids)::bigint, last_id - first_id + 1)), 0)::bigint as waiting, min(due_at) as "nextDueAt"
      from delivery_blocks where campaign_id = ${campaignId} and worker_id is null and due_at > ${now}
    ) later`.execute(db);
  return rows[0] ?? { underWay: 0, waiting: 0, nextDueAt: null };
}
