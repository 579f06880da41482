import { sql } from 'kysely';
import type { Frequency } from '../newsletters/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { IssueId, NewsletterId } from '../shared/ids.ts';

/**
 * When the last issues before `periodAt` that closed a week and a month for slower readers were due, or built where that was later; of the last
 * issue where none ever did. What lies after it a wrong clock has written.
 */
export async function lastClosingPeriods(
  db: DbOrTx,
  newsletterId: NewsletterId,
  periodAt: Date,
): Promise<Readonly<Record<Frequency, Date | null>>> {
  const at = sql`case when created_at < ${periodAt} then greatest(period_at, created_at) else period_at end`;
  const lastOf = (frequency: Frequency) =>
    sql<Date | null>`coalesce(max(${at}) filter (where ${frequency}::text = any(closes_frequencies)),
      max(${at}) filter (where kind = 'scheduled'))`.as(frequency);
  return db
    .selectFrom('issues')
    .select([lastOf('weekly'), lastOf('monthly')])
    .where('newsletter_id', '=', newsletterId)
    .where('status', 'in', ['approved', 'awaiting_approval'])
    .where('period_at', '<', periodAt)
    .executeTakeFirstOrThrow();
}

/** When the next scheduled issue that is built already goes out, or may; null where the next is still to be built. */
export async function selectPreparedIssueAt(db: DbOrTx, newsletterId: NewsletterId, now: Date): Promise<Date | null> {
  const row = await db
    .selectFrom('issues')
    .select((eb) => eb.fn.min('period_at').as('at'))
    .where('newsletter_id', '=', newsletterId)
    .where('kind', '=', 'scheduled')
    .where('status', 'in', ['approved', 'awaiting_approval'])
    .where('period_at', '>', now)
    .executeTakeFirst();
  return row?.at ?? null;
}

/** Of those that still wait by rule when their time has come: what becomes of them. */
export async function listPastDeadline(
  db: DbOrTx,
  now: Date,
): Promise<readonly { readonly id: IssueId; readonly policy: 'send' | 'drop' }[]> {
  const rows = await db
    .selectFrom('issues as i')
    .innerJoin('digest_rules as r', 'r.newsletter_id', 'i.newsletter_id')
    .select(['i.id', 'r.deadline_policy as policy'])
    .where('i.status', '=', 'awaiting_approval')
    .where('i.waits_because', '=', 'required')
    .where('i.period_at', '<=', now)
    .orderBy('i.period_at')
    .execute();
  return rows.flatMap(({ id, policy }) => (policy === 'wait' ? [] : [{ id, policy }]));
}
