import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { IssueId } from '../shared/ids.ts';
import type { WaitReason } from './issue.ts';

/** Why an issue stands where it stands, and what becomes of it by itself. */
export interface IssueStanding {
  readonly waitsBecause: WaitReason | null;
  /** What was left out or odd when it was built. */
  readonly remarks: unknown;
  /** At its time, if nobody decides; null for one that does not wait. */
  readonly atDeadline: 'send' | 'wait' | 'drop' | null;
  /** Null unless it was dropped. */
  readonly droppedBy: 'rule' | 'person' | null;
  /** Approved, and its audience is not frozen: the approval can be taken back. */
  readonly isWithdrawable: boolean;
  /** Also of a dropped one, whose articles are free again. */
  readonly articleCount: number;
}

export async function selectStandings(
  db: DbOrTx,
  ids: readonly IssueId[],
): Promise<ReadonlyMap<IssueId, IssueStanding>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await db
    .selectFrom('issues as i')
    .leftJoin('digest_rules as r', 'r.newsletter_id', 'i.newsletter_id')
    .select(['i.id', 'i.waits_because as waitsBecause', 'i.remarks'])
    .select([
      // Only what waits by rule has a deadline.
      sql<IssueStanding['atDeadline']>`case when i.status <> 'awaiting_approval' then null
        when i.waits_because = 'required' then coalesce(r.deadline_policy, 'wait') else 'wait' end`.as('atDeadline'),
      sql<IssueStanding['droppedBy']>`case when i.status = 'dropped' then coalesce(
        (select case when a.actor = 'system' then 'rule' else 'person' end from audit_log a
          where a.subject_kind = 'issue' and a.subject_id = i.id::text and a.action = 'issue.dropped' limit 1),
        'person') end`.as('droppedBy'),
      sql<boolean>`i.status = 'approved' and exists (
        select from campaigns c where c.issue_id = i.id and c.frozen_at is null)`.as('isWithdrawable'),
      sql<number>`case when i.status = 'dropped'
        then (select coalesce(sum(jsonb_array_length(s -> 'articles')), 0)::integer
          from jsonb_array_elements(i.content -> 'sections') s)
        else (select count(*)::integer from issue_articles held where held.issue_id = i.id) end`.as('articleCount'),
    ])
    .where('i.id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, ...standing }) => [id, standing]));
}
