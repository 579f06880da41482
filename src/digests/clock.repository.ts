import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId } from '../shared/ids.ts';

/** What of a newsletter depends on the time of day. */
export interface NewsletterClock {
  readonly id: NewsletterId;
  readonly cron: string;
  readonly timeZone: string;
  readonly nextRunAt: Date | null;
  readonly cutoffAt: Date;
  /** Of the newest scheduled issue that is over, or was built ahead, before now. */
  readonly lastPeriodAt: Date | null;
  readonly hasFutureArticles: boolean;
}

/** Of all newsletters, or of one. */
export async function selectClocks(
  db: DbOrTx,
  { now, slackMs, id }: { readonly now: Date; readonly slackMs: number; readonly id?: NewsletterId },
): Promise<readonly NewsletterClock[]> {
  const latest = new Date(now.getTime() + slackMs);
  const { rows } = await sql<NewsletterClock>`
    select n.id, n.cron, n.time_zone as "timeZone", n.next_run_at as "nextRunAt", n.cutoff_at as "cutoffAt",
      (select max(i.period_at) from issues i where i.newsletter_id = n.id and i.kind = 'scheduled'
        and (i.period_at <= ${latest} or i.created_at <= ${latest})) as "lastPeriodAt",
      exists (select from articles a where a.newsletter_id = n.id and a.is_eligible and a.first_seen_at > ${latest}) as "hasFutureArticles"
    from newsletters n
    ${id === undefined ? sql`` : sql`where n.id = ${id}`}`.execute(db);
  return rows;
}

/**
 * Up to when articles have been in an issue, by those issues that were built before now. What such an issue held is in no other;
 * what it had no room for gets a second chance, which is better than to lose what came meanwhile.
 */
export async function selectLastCutoff(tx: Tx, id: NewsletterId, now: Date): Promise<Date> {
  const row = await tx
    .selectFrom('newsletters as n')
    .select((eb) =>
      eb.fn
        .coalesce(
          eb
            .selectFrom('issues as i')
            .whereRef('i.newsletter_id', '=', 'n.id')
            .where('i.status', 'in', ['approved', 'awaiting_approval'])
            .where('i.cutoff_at', '<=', now)
            .select((issue) => issue.fn.max('i.cutoff_at').as('at')),
          sql<Date>`least(n.created_at, ${now})`,
        )
        .as('cutoffAt'),
    )
    .where('n.id', '=', id)
    .executeTakeFirstOrThrow();
  return row.cutoffAt;
}

/** What was first seen in the future was first seen now. */
export async function settleFutureArticles(tx: Tx, id: NewsletterId, now: Date): Promise<void> {
  await tx
    .updateTable('articles')
    .set({ first_seen_at: now })
    .where('newsletter_id', '=', id)
    .where('is_eligible', '=', true)
    .where('first_seen_at', '>', now)
    .execute();
}
