import { sql } from 'kysely';
import type { Actor } from '../shared/actor.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';

export interface AuditEntry {
  readonly actor: Actor;
  /** Past tense of what was done, `subject.verb`: `campaign.sent`, `newsletter.updated`. */
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: number | string | null;
  /** Facts: before and after, counts. Never a password, a token, or a reader's address. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditRecord {
  readonly id: number;
  readonly occurredAt: Date;
  readonly actor: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Writes what somebody did (A9). Call it in the transaction that does it, so that neither exists without the other. The
 * table refuses changes; its time is the database's, one clock for all processes.
 */
export async function recordAudit(db: DbOrTx, entry: AuditEntry): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({
      occurred_at: sql<Date>`clock_timestamp()`,
      actor: entry.actor.label,
      action: entry.action,
      subject_kind: entry.subjectKind,
      subject_id: entry.subjectId === null ? null : String(entry.subjectId),
      details: JSON.stringify(entry.details ?? {}),
    })
    .execute();
}

/** Newest first. `before` is the id after which the page begins. */
export async function listAudit(
  db: DbOrTx,
  filter: {
    readonly subjectKind?: string | undefined;
    readonly subjectId?: string | undefined;
    readonly before?: number | undefined;
    readonly limit: number;
  },
): Promise<readonly AuditRecord[]> {
  let query = db.selectFrom('audit_log').selectAll().orderBy('id', 'desc').limit(filter.limit);
  if (filter.subjectKind !== undefined) {
    query = query.where('subject_kind', '=', filter.subjectKind);
  }
  if (filter.subjectId !== undefined) {
    query = query.where('subject_id', '=', filter.subjectId);
  }
  if (filter.before !== undefined) {
    query = query.where('id', '<', filter.before);
  }
  const rows = await query.execute();
  return rows.map((row) => ({
    id: row.id,
    occurredAt: row.occurred_at,
    actor: row.actor,
    action: row.action,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    details: row.details,
  }));
}
