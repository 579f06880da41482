import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { AlertCode, AlertReason } from './alert.ts';

type LateRow = Omit<AlertReason, 'kind' | 'facts' | 'isOver' | 'code'> & {
  readonly code: Extract<AlertCode, `late_${string}`>;
  readonly reason: string | null;
};

/**
 * Issues whose time was before `since` and of which no mail has gone out. By readers' own clocks, or in hours of sending, an issue
 * is late when a part of it has been due for so long.
 */
export async function listLate(db: DbOrTx, since: Date): Promise<readonly LateRow[]> {
  const { rows } = await sql<LateRow>`
    with late as (
      select id as newsletter_id, null::bigint as issue_id, next_run_at as period_at, 'late_not_built' as code, null as reason
      from newsletters where next_run_at < ${since}
      union all
      select newsletter_id, id, period_at, 'late_waiting', null from issues
      where status = 'awaiting_approval' and period_at < ${since}
      union all
      select i.newsletter_id, i.id, i.period_at,
        case when c.stop_message is null then 'late_not_started' else 'late_stopped' end, c.stop_message
      from campaigns c join issues i on i.id = c.issue_id
      where c.status = 'scheduled' and c.start_at < ${since} and i.period_at < ${since}
      union all
      select i.newsletter_id, i.id, i.period_at, 'late_not_sent', null
      from campaigns c join issues i on i.id = c.issue_id
      where c.status = 'sending' and c.kind = 'issue' and c.audience_count > 0 and c.frozen_at < ${since}
        and not exists (select 1 from campaign_counts t where t.campaign_id = c.id and t.count > 0)
        and (not c.local_time and c.send_window is null
          or exists (select 1 from delivery_blocks b where b.campaign_id = c.id and b.due_at < ${since}))
    )
    select n.id as "newsletterId", n.name as "newsletterName", n.slug as "newsletterSlug", n.locale, n.time_zone as "timeZone",
      late.issue_id as "issueId", late.period_at as "periodAt", late.code, late.reason
    from late join newsletters n on n.id = late.newsletter_id
    order by late.period_at, n.id`.execute(db);
  return rows;
}
