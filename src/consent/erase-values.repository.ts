import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Tx } from '../platform/postgres/index.ts';
import type { ConsentRecordId, SubscriberId } from '../shared/ids.ts';
import type { ConsentMethod } from './consent-record.ts';
import { PERSONAL_FIELDS } from './personal-value.ts';
import type { PersonalField } from './personal-value.ts';

export interface Erasure {
  readonly subscriberIds: readonly SubscriberId[];
  /** Which values go; the others stay. */
  readonly fields: readonly PersonalField[];
  /** Only of records about something that occurred before this moment. Left out: of all records there are. */
  readonly before?: Date;
  /** A stable word that tells why: `asked`, `not-me`, `retention` ... Shown where the value would stand. */
  readonly reason: string;
  readonly method: ConsentMethod;
  readonly actor: string;
  readonly at: Date;
}

/** Of one person: their records up to this one. */
interface Scope {
  readonly subscriberId: SubscriberId;
  readonly upTo: ConsentRecordId;
}

/**
 * The only way to delete personal values behind consent records: deletes value and salt, and writes the `erased` record that covers
 * them (`ErasureScope`), one for each person who had such values. `consent verify` calls a value that is gone without such a record removed. Call it
 * in the transaction that makes the erasure true. A second run finds nothing and writes nothing. Returns who had values.
 */
export async function recordErased(tx: Tx, erasure: Erasure): Promise<readonly SubscriberId[]> {
  const scopes = await lockValues(tx, erasure);
  if (scopes.length === 0) {
    return [];
  }
  const inScope = sql`consent_records r
    join unnest(${scopes.map(({ subscriberId }) => subscriberId)}::bigint[], ${scopes.map(({ upTo }) => upTo)}::bigint[])
      as scope(subscriber_id, up_to) on r.subscriber_id = scope.subscriber_id and r.id <= scope.up_to
    where r.id = p.record_id and ${isBefore(erasure)}`;
  const kept = PERSONAL_FIELDS.filter((field) => !erasure.fields.includes(field));
  const hasNoneOf = (fields: readonly PersonalField[]): RawBuilder<boolean> =>
    fields.length === 0 ? sql<boolean>`true` : sql<boolean>`num_nonnulls(${sql.join(fields.map(valueOf))}) = 0`;
  await sql`delete from consent_personal p using ${inScope} and ${hasNoneOf(kept)}`.execute(tx);
  const emptied = erasure.fields.flatMap((field) => [
    sql`${sql.ref(field)} = null`,
    sql`${sql.ref(`${field}_salt`)} = null`,
  ]);
  await sql`update consent_personal p set ${sql.join(emptied)} from ${inScope} and not ${hasNoneOf(erasure.fields)}`.execute(
    tx,
  );
  await insertErasedRecords(tx, erasure, scopes);
  return scopes.map(({ subscriberId }) => subscriberId);
}

function valueOf(field: PersonalField): RawBuilder<string | null> {
  return sql<string | null>`p.${sql.ref(field)}`;
}

function isBefore({ before }: Erasure): RawBuilder<boolean> {
  return before === undefined ? sql<boolean>`true` : sql<boolean>`r.occurred_at < ${before}`;
}

/** Locks what goes, so that a second erasure of the same person waits, and then finds nothing. */
async function lockValues(tx: Tx, erasure: Erasure): Promise<readonly Scope[]> {
  const { rows } = await sql<Scope>`
    with held as materialized (
      select r.subscriber_id, r.id from consent_records r join consent_personal p on p.record_id = r.id
      where r.subscriber_id = any(${erasure.subscriberIds}::bigint[]) and ${isBefore(erasure)}
        and num_nonnulls(${sql.join(erasure.fields.map(valueOf))}) > 0
      order by r.id for update of p
    )
    select subscriber_id as "subscriberId", max(id) as "upTo" from held group by subscriber_id`.execute(tx);
  return rows;
}

async function insertErasedRecords(tx: Tx, erasure: Erasure, scopes: readonly Scope[]): Promise<void> {
  const { fields, before, reason, method, actor, at } = erasure;
  const details = scopes.map(({ upTo }) =>
    JSON.stringify({ fields, upTo, ...(before === undefined ? {} : { before: before.toISOString() }), reason }),
  );
  await sql`
    insert into consent_records (action, purpose, subscriber_id, method, actor, occurred_at, details)
    select 'erased', 'newsletter', t.subscriber_id, ${method}, ${actor}, ${at}, t.details::jsonb
    from unnest(${scopes.map(({ subscriberId }) => subscriberId)}::bigint[], ${details}::text[]) as t(subscriber_id, details)`.execute(
    tx,
  );
}
