import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';

const SEALS_AT_ONCE = 1000;

/** What is worth keeping elsewhere of one seal: with it a chain that was cut off or made anew shows. */
export interface ChainHead {
  readonly sealId: number;
  readonly hash: string;
  readonly sealedAt: Date;
  /** In this seal and all before it. */
  readonly records: number;
}

/** Oldest first. The count before `afterId` is asked once, so that the whole chain can be read in pages. */
export async function* readHeads(db: DbOrTx, afterId: number): AsyncGenerator<ChainHead> {
  const before = await sql<{ records: number }>`
    select coalesce(sum(record_count), 0)::bigint as records from consent_seals where id <= ${afterId}`.execute(db);
  let records = before.rows[0]?.records ?? 0;
  for (let after = afterId; ;) {
    const { rows } = await sql<{ sealId: number; hash: string; sealedAt: Date; count: number }>`
      select id as "sealId", encode(hash, 'hex') as hash, sealed_at as "sealedAt", record_count as count
      from consent_seals where id > ${after} order by id limit ${SEALS_AT_ONCE}`.execute(db);
    for (const { sealId, hash, sealedAt, count } of rows) {
      records += count;
      after = sealId;
      yield { sealId, hash, sealedAt, records };
    }
    if (rows.length === 0) {
      return;
    }
  }
}

export async function readNewestHead(db: DbOrTx): Promise<ChainHead | undefined> {
  const { rows } = await sql<ChainHead>`
    select id as "sealId", encode(hash, 'hex') as hash, sealed_at as "sealedAt",
      (select sum(record_count)::bigint from consent_seals) as records
    from consent_seals order by id desc limit 1`.execute(db);
  return rows[0];
}
