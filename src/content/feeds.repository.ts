import { sql } from 'kysely';
import type { Selectable, Updateable } from 'kysely';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { FeedId, NewsletterId, SectionId } from '../shared/ids.ts';
import type { ClaimedFeed, Feed, PolledFeed } from './feed.ts';

type FeedRow = Selectable<Database['feeds']>;

/** Long enough for the slowest fetch; a poll that was killed is due again after it. */
const POLL_CLAIM_MS = 5 * 60_000;
/** Those of several machines, at the most. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

export interface FeedHealth extends Feed {
  readonly articleCount: number;
  /** When an article of it was first seen; null before the first. */
  readonly lastNewsAt: Date | null;
}

export async function listFeeds(db: DbOrTx, newsletterId?: NewsletterId): Promise<readonly FeedHealth[]> {
  let query = db
    .selectFrom('feeds')
    .selectAll('feeds')
    .select((eb) => [
      eb
        .selectFrom('articles')
        .whereRef('articles.feed_id', '=', 'feeds.id')
        .where('articles.removed_at', 'is', null)
        .select((article) => article.fn.countAll<number>().as('count'))
        .as('article_count'),
      eb
        .selectFrom('articles')
        .whereRef('articles.feed_id', '=', 'feeds.id')
        .select((article) => article.fn.max('first_seen_at').as('at'))
        .as('last_news_at'),
    ])
    .orderBy('feeds.id');
  if (newsletterId !== undefined) {
    query = query.where('feeds.newsletter_id', '=', newsletterId);
  }
  const rows = await query.execute();
  return rows.map((row) => ({ ...toFeed(row), articleCount: row.article_count ?? 0, lastNewsAt: row.last_news_at }));
}

export async function selectFeed(db: DbOrTx, id: FeedId): Promise<PolledFeed | undefined> {
  const row = await db.selectFrom('feeds').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toPolledFeed(row);
}

/** A feed that was polled by a clock that was ahead would not be polled again before that time comes. */
export async function healPolls(db: DbOrTx, now: Date): Promise<void> {
  const future = new Date(now.getTime() + CLOCKS_DIFFER_MS);
  await db
    .updateTable('feeds')
    .set({ next_poll_at: now })
    .where('last_polled_at', '>', future)
    .where('next_poll_at', '>', future)
    .execute();
}

/**
 * For the sweep: feeds whose poll is due, the longest waiting first of each host in turns, so that the many feeds of one
 * site neither hit it together nor keep the others waiting.
 */
export async function listDueFeeds(db: DbOrTx, now: Date, limit: number): Promise<readonly FeedId[]> {
  const due = db
    .selectFrom('feeds')
    .select(['id', 'next_poll_at'])
    .select(
      sql<number>`row_number() over (partition by substring(url from '^[a-z]+://([^/?#]+)') order by next_poll_at, id)`.as(
        'turn',
      ),
    )
    .where('next_poll_at', '<=', now);
  const rows = await db
    .selectFrom(due.as('due'))
    .select('id')
    .orderBy('turn')
    .orderBy('next_poll_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Takes a due feed by moving its next poll, so that of two jobs at once only one asks the server. */
export async function claimFeed(
  db: DbOrTx,
  id: FeedId,
  now: Date,
  options: { readonly force: boolean },
): Promise<ClaimedFeed | undefined> {
  let query = db
    .updateTable('feeds')
    .set({ next_poll_at: new Date(now.getTime() + POLL_CLAIM_MS) })
    .where('id', '=', id)
    .returningAll()
    .returning(
      sql<Date | null>`(select n.next_run_at - make_interval(hours => coalesce(r.prepare_hours, 0))
        from newsletters n left join digest_rules r on r.newsletter_id = n.id
        where n.id = feeds.newsletter_id)`.as('next_build_at'),
    );
  if (!options.force) {
    query = query.where('next_poll_at', '<=', now);
  }
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : { ...toPolledFeed(row), nextBuildAt: row.next_build_at };
}

export async function insertFeed(
  tx: Tx,
  feed: {
    readonly newsletterId: NewsletterId;
    readonly sectionId: SectionId;
    readonly url: string;
    readonly isSample: boolean;
    readonly now: Date;
  },
): Promise<FeedId | undefined> {
  const row = await tx
    .insertInto('feeds')
    .values({
      newsletter_id: feed.newsletterId,
      section_id: feed.sectionId,
      url: feed.url,
      is_sample: feed.isSample,
      added_at: feed.now,
      next_poll_at: feed.now,
    })
    .onConflict((conflict) => conflict.columns(['newsletter_id', 'url']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

export async function updateFeed(db: DbOrTx, id: FeedId, changes: Updateable<Database['feeds']>): Promise<void> {
  await db.updateTable('feeds').set(changes).where('id', '=', id).execute();
}

/** Follows a permanent redirect, unless the newsletter has a feed of that address already. */
export async function moveFeed(tx: Tx, feed: Feed, url: string): Promise<void> {
  await tx
    .updateTable('feeds')
    .set({ url })
    .where('id', '=', feed.id)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('feeds as other')
            .select('other.id')
            .where('other.newsletter_id', '=', feed.newsletterId)
            .where('other.url', '=', url),
        ),
      ),
    )
    .execute();
}

/** Removes feeds with their articles, except those that an issue holds: they stay, without a feed. */
export async function deleteFeeds(tx: Tx, ids: readonly FeedId[]): Promise<void> {
  await tx
    .deleteFrom('articles')
    .where('feed_id', 'in', ids)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('issue_articles')
            .select('issue_id')
            .whereRef('issue_articles.newsletter_id', '=', 'articles.newsletter_id')
            .whereRef('issue_articles.article_id', '=', 'articles.id'),
        ),
      ),
    )
    .execute();
  await tx.deleteFrom('feeds').where('id', 'in', ids).execute();
}

export async function selectSampleFeeds(db: DbOrTx, newsletterId?: NewsletterId): Promise<readonly FeedId[]> {
  let query = db.selectFrom('feeds').select('id').where('is_sample', '=', true);
  if (newsletterId !== undefined) {
    query = query.where('newsletter_id', '=', newsletterId);
  }
  return (await query.execute()).map((row) => row.id);
}

export async function selectSections(
  db: DbOrTx,
  newsletterId: NewsletterId,
): Promise<readonly { readonly id: SectionId; readonly slug: string }[]> {
  return db
    .selectFrom('newsletter_sections')
    .select(['id', 'slug'])
    .where('newsletter_id', '=', newsletterId)
    .orderBy('position')
    .orderBy('id')
    .execute();
}

/**
 * While this is held no article of the newsletter is stored and no issue of it is built. So an article is either seen
 * before a cut-off and visible to it, or seen after it: none falls between (an advisory lock, because a row lock would
 * meet every foreign key).
 */
export async function lockContent(tx: Tx, newsletterId: NewsletterId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('courant.content'), ${newsletterId}::int)`.execute(tx);
}

function toFeed(row: FeedRow): Feed {
  return {
    id: row.id,
    newsletterId: row.newsletter_id,
    sectionId: row.section_id,
    url: row.url,
    title: row.title,
    isSample: row.is_sample,
    status: row.status,
    failureCode: row.failure_code,
    failureMessage: row.failure_message,
    failureCount: row.failure_count,
    weight: row.weight,
    pollEverySeconds: row.poll_every_seconds,
    addedAt: row.added_at,
    lastPolledAt: row.last_polled_at,
    lastSuccessAt: row.last_success_at,
    nextPollAt: row.next_poll_at,
  };
}

function toPolledFeed(row: FeedRow): PolledFeed {
  return { ...toFeed(row), etag: row.etag, lastModified: row.last_modified, firstPolledAt: row.first_polled_at };
}
