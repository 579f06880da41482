import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import type { AlertKind, AlertReason } from './alert.ts';

type AlertKey = Pick<AlertReason, 'newsletterId' | 'kind' | 'periodAt'>;

export interface RaisedAlert {
  readonly id: number;
  readonly newsletterId: NewsletterId;
  readonly kind: AlertKind;
  readonly periodAt: Date;
  readonly isDismissed: boolean;
}

/** The rows of these alerts, as far as they were raised. */
export async function selectRaised(db: DbOrTx, keys: readonly AlertKey[]): Promise<readonly RaisedAlert[]> {
  const { rows } = await sql<RaisedAlert>`
    select a.id, a.newsletter_id as "newsletterId", a.kind, a.period_at as "periodAt", a.dismissed_at is not null as "isDismissed"
    from ${keyTable(keys)} join issue_alerts a
      on a.newsletter_id = k.newsletter_id and a.kind = k.kind and a.period_at = k.period_at`.execute(db);
  return rows;
}

/** Each once, whoever else finds it at the same time: what was raised before, and perhaps dismissed, stays as it is. */
export async function insertAlerts(db: DbOrTx, reasons: readonly AlertReason[], now: Date): Promise<void> {
  if (reasons.length === 0) {
    return;
  }
  await db
    .insertInto('issue_alerts')
    .values(
      reasons.map((reason) => ({
        newsletter_id: reason.newsletterId,
        issue_id: reason.issueId,
        period_at: reason.periodAt,
        kind: reason.kind,
        code: reason.code,
        facts: JSON.stringify(reason.facts),
        raised_at: now,
      })),
    )
    .onConflict((conflict) => conflict.columns(['newsletter_id', 'kind', 'period_at']).doNothing())
    .execute();
}

/** Undefined: there is no such alert. A second time changes nothing. */
export async function markDismissed(
  tx: Tx,
  id: number,
  now: Date,
): Promise<{ readonly newsletterId: NewsletterId; readonly kind: AlertKind; readonly isNew: boolean } | undefined> {
  const row = await tx
    .selectFrom('issue_alerts')
    .select(['newsletter_id as newsletterId', 'kind', 'dismissed_at as dismissedAt'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) {
    return undefined;
  }
  const { dismissedAt, ...alert } = row;
  if (dismissedAt === null) {
    await tx.updateTable('issue_alerts').set({ dismissed_at: now }).where('id', '=', id).execute();
  }
  return { ...alert, isNew: dismissedAt === null };
}

export type UnmailedAlert = Omit<AlertReason, 'isOver'> & { readonly id: number };

/** Raised after `since` and told to nobody yet, the oldest first. */
export async function listUnmailed(db: DbOrTx, since: Date): Promise<readonly UnmailedAlert[]> {
  const { rows } = await sql<UnmailedAlert>`
    select a.id, a.kind, a.code, a.facts, a.issue_id as "issueId", a.period_at as "periodAt",
      n.id as "newsletterId", n.name as "newsletterName", n.slug as "newsletterSlug", n.locale, n.time_zone as "timeZone"
    from issue_alerts a join newsletters n on n.id = a.newsletter_id
    where a.mailed_at is null and a.dismissed_at is null and a.raised_at > ${since}
    order by a.raised_at, a.id`.execute(db);
  return rows;
}

/** True when all of these were told to nobody, and now are; otherwise nothing is changed. */
export async function markMailed(tx: Tx, ids: readonly number[], now: Date): Promise<boolean> {
  const untold = await tx
    .selectFrom('issue_alerts')
    .select('id')
    .where('id', 'in', ids)
    .where('mailed_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  if (untold.length < ids.length) {
    return false;
  }
  await tx.updateTable('issue_alerts').set({ mailed_at: now }).where('id', 'in', ids).execute();
  return true;
}

function keyTable(keys: readonly AlertKey[]) {
  return sql`unnest(
    ${keys.map(({ newsletterId }) => newsletterId)}::bigint[],
    ${keys.map(({ kind }) => kind)}::text[],
    ${keys.map(({ periodAt }) => periodAt.toISOString())}::timestamptz[]
  ) as k(newsletter_id, kind, period_at)`;
}
