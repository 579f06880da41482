import { sql } from 'kysely';
import type { NewsletterId } from '../shared/ids.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { NextIssue, OverviewFacts, OverviewNumbers } from './overview.ts';

const SHOWN = 5;

/** Reads only, across the features' tables: the home page wants one answer, not ten. */
export async function readFacts(db: Db, now: Date): Promise<OverviewFacts> {
  const [numbers, steps, waitingIssues, failingFeeds, stoppedCampaigns, nextIssue] = await Promise.all([
    readNumbers(db, now),
    readSteps(db),
    readWaitingIssues(db),
    readFailingFeeds(db),
    readStoppedCampaigns(db),
    readNextIssue(db),
  ]);
  return { numbers, ...steps, waitingIssues, failingFeeds, stoppedCampaigns, nextIssue };
}

/** A delivery is given up after three days at most, so one settled in the last seven was made in the last ten. */
async function readNumbers(db: Db, now: Date): Promise<OverviewNumbers> {
  const { rows } = await sql<OverviewNumbers>`
    select
      (select count(distinct subscriber_id) from subscriptions where status = 'active') as "activeSubscribers",
      (select count(distinct p.subscriber_id) from subscriptions p where p.status = 'pending' and not exists (
        select 1 from subscriptions a where a.subscriber_id = p.subscriber_id and a.status = 'active'
      )) as "pendingSubscribers",
      (select count(*) from newsletters) as newsletters,
      recent.accepted as "acceptedLast7Days",
      recent.rejected as "rejectedLast7Days",
      (select coalesce(sum(c.audience_count - (select coalesce(sum(t.count), 0) from campaign_counts t where t.campaign_id = c.id)), 0)::bigint
        from campaigns c where c.status in ('sending', 'paused'))
        + (select count(*) from delivery_blocks where campaign_id is null) as "openDeliveries",
      (select coalesce(sum(count), 0)::bigint from campaign_counts where state = 'ambiguous')
        + (select count(*) from deliveries d where d.campaign_id is null and d.state = 'ambiguous'
          and d.id in (select delivery_id from delivery_events where event = 'ambiguous')) as ambiguous
    from (
      select count(*) filter (where state = 'accepted') as accepted, count(*) filter (where state = 'rejected') as rejected
      from deliveries
      where created_at > ${now}::timestamptz - interval '10 days' and settled_at > ${now}::timestamptz - interval '7 days'
    ) recent`.execute(db);
  const [numbers] = rows;
  if (numbers === undefined) {
    throw new Error('the overview query gave no row');
  }
  return numbers;
}

type Steps = Pick<
  OverviewFacts,
  | 'firstNewsletterId'
  | 'hasOwnFeed'
  | 'hasTest'
  | 'hasCampaign'
  | 'hasApprovedIssue'
  | 'newslettersWithoutPostalAddress'
>;

async function readSteps(db: Db): Promise<Steps> {
  const { rows } = await sql<Steps>`
    select
      (select min(id) from newsletters) as "firstNewsletterId",
      exists (select 1 from feeds where not is_sample) as "hasOwnFeed",
      exists (select 1 from campaign_tests) as "hasTest",
      exists (select 1 from campaigns where kind = 'campaign' and frozen_at is not null) as "hasCampaign",
      exists (select 1 from issues where status = 'approved') as "hasApprovedIssue",
      (select count(*) from newsletters where postal_address is null) as "newslettersWithoutPostalAddress"`.execute(db);
  const [steps] = rows;
  if (steps === undefined) {
    throw new Error('the overview query gave no row');
  }
  return steps;
}

async function readWaitingIssues(db: Db): Promise<OverviewFacts['waitingIssues']> {
  const { rows } = await sql<{ newsletterId: NewsletterId; newsletterName: string }>`
    select distinct n.id as "newsletterId", n.name as "newsletterName" from issues i
    join newsletters n on n.id = i.newsletter_id
    where i.status = 'awaiting_approval' order by n.id limit ${SHOWN}`.execute(db);
  return rows;
}

async function readFailingFeeds(db: Db): Promise<OverviewFacts['failingFeeds']> {
  const { rows } = await sql<{ newsletterId: NewsletterId; title: string }>`
    select newsletter_id as "newsletterId", coalesce(title, url) as title from feeds
    where status = 'failing' order by id limit ${SHOWN}`.execute(db);
  return rows;
}

async function readStoppedCampaigns(db: Db): Promise<OverviewFacts['stoppedCampaigns']> {
  const { rows } = await sql<{ id: number; subject: string; message: string }>`
    select id, subject, coalesce(stop_message, stop_code) as message from campaigns
    where stop_code is not null and status in ('draft', 'scheduled', 'sending', 'paused')
    order by id desc limit ${SHOWN}`.execute(db);
  return rows;
}

/** Counts as the digest picks: eligible, seen after the cut-off, never in an issue, at most so many in a section. */
async function readNextIssue(db: Db): Promise<NextIssue | null> {
  const { rows } = await sql<NextIssue>`
    select n.id as "newsletterId", n.name as "newsletterName", n.next_run_at as "nextRunAt", n.time_zone as "timeZone",
      (select coalesce(sum(least(picked.found, coalesce(s.max_items, n.max_per_section))), 0)::int
        from newsletter_sections s
        cross join lateral (
          select count(*) as found from articles a
          where a.newsletter_id = n.id and a.section_id = s.id and a.is_eligible and a.first_seen_at > n.cutoff_at
            and not exists (select 1 from issue_articles x where x.newsletter_id = n.id and x.article_id = a.id)
        ) picked
        where s.newsletter_id = n.id) as "articleCount"
    from newsletters n where n.next_run_at is not null order by n.next_run_at limit 1`.execute(db);
  return rows[0] ?? null;
}

/** Whether the asking admin proved the address; for an API token, whether any admin did. */
export async function isVerified(db: Db, adminId: number | undefined): Promise<boolean> {
  let query = db.selectFrom('admins').select('id').where('verified_at', 'is not', null).limit(1);
  if (adminId !== undefined) {
    query = query.where(sql<boolean>`id = ${adminId}`);
  }
  return (await query.executeTakeFirst()) !== undefined;
}
