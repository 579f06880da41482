import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { SubscriberId } from '../shared/ids.ts';

/**
 * Which of these subscribers were refused so many mails for one of the reasons since then, at the address they have now and with no
 * acceptance in between. Reads the mails of each by index.
 */
export async function listRepeatedFailures(
  db: DbOrTx,
  failures: {
    readonly subscriberIds: readonly SubscriberId[];
    readonly reasons: readonly string[];
    readonly since: Date;
    readonly atLeast: number;
  },
): Promise<readonly SubscriberId[]> {
  const { rows } = await sql<{ id: SubscriberId }>`
    select s.id from subscribers s
    where s.id = any(${failures.subscriberIds}::bigint[]) and ${failures.atLeast}::int <= (
      select count(*) from deliveries d
      where d.subscriber_id = s.id and d.address = s.address and d.state = 'rejected'
        and d.reason = any(${failures.reasons}::text[]) and d.settled_at >= ${failures.since}
        and d.settled_at > coalesce((select max(a.settled_at) from deliveries a
          where a.subscriber_id = s.id and a.address = s.address and a.state = 'accepted'), '-infinity')
    )`.execute(db);
  return rows.map((row) => row.id);
}
