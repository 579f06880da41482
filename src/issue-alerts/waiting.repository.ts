import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { IssueId, NewsletterId } from '../shared/ids.ts';

export interface WaitingIssue {
  readonly id: IssueId;
  readonly newsletterId: NewsletterId;
  readonly newsletterName: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly periodAt: Date;
  readonly title: string;
  /** Null in issues from before reasons were kept. */
  readonly because: 'first' | 'required' | 'overdue' | null;
  readonly deadlinePolicy: 'send' | 'wait' | 'drop';
  readonly sections: readonly { readonly name: string; readonly titles: readonly string[] }[];
}

/** Issues built after `since` that wait for editors who want to be told and were not. */
export async function listUntold(db: DbOrTx, since: Date, limit: number): Promise<readonly WaitingIssue[]> {
  const { rows } = await sql<WaitingIssue>`
    select i.id, n.id as "newsletterId", n.name as "newsletterName", n.locale, n.time_zone as "timeZone",
      i.period_at as "periodAt", i.title, i.waits_because as because, coalesce(r.deadline_policy, 'wait') as "deadlinePolicy",
      (select coalesce(jsonb_agg(jsonb_build_object(
          'name', s.value -> 'name',
          'titles', (select coalesce(jsonb_agg(a.value -> 'title'), '[]') from jsonb_array_elements(s.value -> 'articles') a)
        ) order by s.ordinality), '[]')
        from jsonb_array_elements(i.content -> 'sections') with ordinality s) as sections
    from issues i
    join newsletters n on n.id = i.newsletter_id
    left join digest_rules r on r.newsletter_id = n.id
    where i.status = 'awaiting_approval' and i.editors_notified_at is null and i.created_at > ${since}
      and coalesce(r.notify_editors, true)
    order by i.id limit ${limit}`.execute(db);
  return rows;
}

/** False when it waits no longer, or they were told meanwhile. */
export async function markTold(tx: Tx, id: IssueId, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('issues')
    .set({ editors_notified_at: now })
    .where('id', '=', id)
    .where('status', '=', 'awaiting_approval')
    .where('editors_notified_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
