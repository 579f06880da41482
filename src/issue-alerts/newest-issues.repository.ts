import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { AlertReason } from './alert.ts';

/** The newest scheduled issue of a newsletter, beside what its issues usually hold. */
export interface NewestIssue extends Omit<AlertReason, 'kind' | 'code' | 'facts' | 'isOver' | 'issueId'> {
  readonly issueId: NonNullable<AlertReason['issueId']>;
  readonly status: 'awaiting_approval' | 'approved' | 'skipped' | 'dropped';
  readonly createdAt: Date;
  /** Null: it went out by itself. */
  readonly decidedAt: Date | null;
  /** How often editors changed it. */
  readonly revision: number;
  readonly remarks: readonly { readonly message: string; readonly articleId?: number }[];
  readonly fillTo: number;
  readonly minArticles: number;
  readonly articleCount: number;
  readonly sectionIds: readonly number[];
  /** The issues before it, the newest first. */
  readonly earlier: readonly { readonly count: number; readonly sections: readonly number[] }[];
  readonly sections: readonly { readonly id: number; readonly name: string }[];
}

/** How many issues tell what is usual. */
const COMPARED = 8;

/** Of each newsletter, if it was built after `since`. */
export async function listNewestIssues(db: DbOrTx, since: Date): Promise<readonly NewestIssue[]> {
  const { rows } = await sql<NewestIssue>`
    select n.id as "newsletterId", n.name as "newsletterName", n.slug as "newsletterSlug", n.locale, n.time_zone as "timeZone",
      i.id as "issueId", i.period_at as "periodAt", i.status, i.created_at as "createdAt", i.decided_at as "decidedAt",
      i.revision, i.remarks, coalesce(r.fill_to, 0) as "fillTo", coalesce(r.min_articles, 1) as "minArticles",
      (select count(*) from issue_articles a where a.issue_id = i.id) as "articleCount",
      array(select distinct a.section_id from issue_articles a where a.issue_id = i.id) as "sectionIds",
      earlier.list as earlier,
      (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name) order by s.position), '[]')
        from newsletter_sections s where s.newsletter_id = n.id) as sections
    from newsletters n
    cross join lateral (
      select * from issues where newsletter_id = n.id and kind = 'scheduled' order by period_at desc limit 1
    ) i
    left join digest_rules r on r.newsletter_id = n.id
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object('count', e.count, 'sections', e.sections) order by e.period_at desc), '[]') as list
      from (
        select e.period_at, held.count, held.sections
        from issues e cross join lateral (
          select count(*) as count, coalesce(array_agg(distinct a.section_id), '{}') as sections
          from issue_articles a where a.issue_id = e.id
        ) held
        where e.newsletter_id = n.id and e.kind = 'scheduled' and e.status = 'approved' and e.period_at < i.period_at
        order by e.period_at desc limit ${COMPARED}
      ) e
    ) earlier
    where i.created_at > ${since}
    order by n.id`.execute(db);
  return rows;
}
