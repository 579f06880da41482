import { sql } from 'kysely';
import type { Db } from '../platform/postgres/index.ts';

/**
 * Deletes the rows of workers that ended before and hold nothing. The one with the newest heartbeat stays: it tells how long
 * nothing ran (T14). @returns how many went
 */
export async function forgetWorkers(db: Db, before: Date): Promise<number> {
  const result = await sql`
    delete from workers w
    where w.fenced_at < ${before} and w.heartbeat_at < ${before}
      and not exists (select 1 from delivery_blocks b where b.worker_id = w.id)
      and w.id <> (select id from workers order by heartbeat_at desc, id desc limit 1)`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}
