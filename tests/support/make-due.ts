import { sql } from 'kysely';
import type { Db } from '../../src/platform/postgres/index.ts';

/** As if the time to wait were over for everything that was put off. */
export async function makeDue(db: Db): Promise<void> {
  await sql`update deliveries set due_at = now() where state in ('planned', 'deferred') and due_at > now()`.execute(db);
  await sql`update delivery_blocks set due_at = now() where worker_id is null and due_at > now()`.execute(db);
}
