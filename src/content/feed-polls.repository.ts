import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { FeedId } from '../shared/ids.ts';

/** About a week of a feed that is asked every six hours, two hours of a live blog. */
const KEPT_POLLS = 30;

export interface FeedPoll {
  readonly polledAt: Date;
  readonly outcome: 'read' | 'not_modified' | 'failed';
  readonly itemCount: number | null;
  readonly newCount: number | null;
  readonly warningCount: number | null;
  /** Of a failure. */
  readonly code: string | null;
  readonly message: string | null;
  readonly tookMs: number;
}

/** Keeps what came of a poll, and drops the feed's oldest ones in the same statement. */
export async function insertPoll(tx: Tx, feedId: FeedId, poll: FeedPoll): Promise<void> {
  await sql`
    with kept as (
      insert into feed_polls (feed_id, polled_at, outcome, item_count, new_count, warning_count, code, message, took_ms)
      values (${feedId}, ${poll.polledAt}, ${poll.outcome}, ${poll.itemCount}, ${poll.newCount}, ${poll.warningCount},
              ${poll.code}, ${poll.message}, ${poll.tookMs})
    )
    delete from feed_polls
     where feed_id = ${feedId}
       and id <= (select id from feed_polls where feed_id = ${feedId} order by id desc offset ${KEPT_POLLS - 1} limit 1)
  `.execute(tx);
}

/** Newest first. */
export async function listPolls(db: DbOrTx, feedId: FeedId): Promise<readonly FeedPoll[]> {
  const rows = await db
    .selectFrom('feed_polls')
    .selectAll()
    .where('feed_id', '=', feedId)
    .orderBy('id', 'desc')
    .limit(KEPT_POLLS)
    .execute();
  return rows.map((row) => ({
    polledAt: row.polled_at,
    outcome: row.outcome,
    itemCount: row.item_count,
    newCount: row.new_count,
    warningCount: row.warning_count,
    code: row.code,
    message: row.message,
    tookMs: row.took_ms,
  }));
}
