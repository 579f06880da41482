import { sql } from 'kysely';
import type { SendingLane } from '../jobs/index.ts';
import type { Db, DbOrTx } from '../platform/postgres/index.ts';
import type { DeliveryId, WorkerId } from '../shared/ids.ts';
import type { ClaimedDelivery, DeliveryOutcome } from './delivery.ts';
import { gateReason, requestOf } from './gate.repository.ts';

const CLAIMED_COLUMNS = sql`
  d.id, d.kind, d.address, d.key_id as "keyId", d.compiled_mail_id as "compiledMailId", d.campaign_id as "campaignId",
  d.subscriber_id as "subscriberId", d.newsletter_id as "newsletterId", d.cause_id as "causeId", d.attempt,
  d.created_at as "createdAt", d.give_up_at as "giveUpAt"`;

const READER_COLUMNS = sql`
  (select s.name from subscribers s where s.id = u."subscriberId") as "subscriberName",
  case when u.kind = 'confirm' then ${requestOf(sql.ref('u.causeId'))} end as "signupRequestId",
  (select n.id from subscriptions n where n.subscriber_id = u."subscriberId" and n.newsletter_id = u."newsletterId") as "subscriptionId"`;

/**
 * Claims up to `limit` due deliveries of a lane for a worker whose lease is alive, and asks the gate in the same statement:
 * what it turns away becomes `suppressed`, what is past its give-up time `rejected`. Returns only what may be mailed.
 */
export async function claimDue(
  db: Db,
  claim: { readonly lane: SendingLane; readonly workerId: WorkerId; readonly limit: number; readonly now: Date },
): Promise<{ readonly claimed: readonly ClaimedDelivery[]; readonly turnedAway: number }> {
  const { rows } = await sql<ClaimedDelivery & { state: string }>`
    with due as materialized (${dueRows(claim.lane, claim.limit, claim.now)}),
    verdict as (
      select d.id, case
        when d.give_up_at <= ${claim.now} and (d.state = 'deferred' or d.dot_at is not null) then 'expired'
        else ${gateReason(claim.now)} end as reason
      from due d left join subscribers s on s.id = d.subscriber_id
    ),
    u as (
      update deliveries d set
        state = case when v.reason is null then 'claimed' when v.reason = 'expired' then 'rejected' else 'suppressed' end,
        reason = v.reason,
        attempt = d.attempt + case when v.reason is null then 1 else 0 end,
        worker_id = case when v.reason is null then ${claim.workerId}::bigint end,
        settled_at = case when v.reason is null then null else ${claim.now}::timestamptz end
      from verdict v
      where d.id = v.id and exists (select 1 from workers w
        where w.id = ${claim.workerId} and w.fenced_at is null and w.lease_expires_at > clock_timestamp())
      returning d.state, ${CLAIMED_COLUMNS}
    )
    select u.*, ${READER_COLUMNS} from u order by u.id`.execute(db);
  const claimed = rows.filter((row) => row.state === 'claimed');
  return { claimed, turnedAway: rows.length - claimed.length };
}

const NOT_STOPPED = sql`not exists (select 1 from settings where key = 'kill_switch')`;

/** Rows of paused or scheduled campaigns are never visited: the lane goes by campaign, and only by those that are sending. */
function dueRows(lane: SendingLane, limit: number, now: Date): ReturnType<typeof sql> {
  if (lane === 'transactional') {
    return sql`select * from deliveries
      where campaign_id is null and state in ('planned', 'deferred') and due_at <= ${now} and ${NOT_STOPPED}
      order by due_at, id limit ${limit} for update skip locked`;
  }
  const kind = lane === 'digests' ? 'issue' : 'campaign';
  return sql`select r.* from campaigns c
    cross join lateral (
      select * from deliveries
      where campaign_id = c.id and state in ('planned', 'deferred') and due_at <= ${now}
      order by due_at limit ${limit} for update skip locked
    ) r
    where c.kind = ${kind} and c.status = 'sending' and ${NOT_STOPPED}
    order by r.due_at limit ${limit}`;
}

/**
 * Asks the gate again for rows that are claimed but whose DATA has not begun: pause, cancel, kill switch, unsubscribe and
 * suppression since the claim. Rows that may no longer go leave the worker's hands here; the ids returned may be sent. Several
 * connections ask about the same rows at once, so they are locked in one order: otherwise one of them ends as a deadlock. Not more
 * than the update itself would lock: what is written beside them refers to them.
 */
export async function gateAgain(
  db: Db,
  claim: { readonly ids: readonly DeliveryId[]; readonly workerId: WorkerId; readonly now: Date },
): Promise<ReadonlySet<DeliveryId>> {
  const { rows } = await sql<{ id: DeliveryId; state: string }>`
    with held as materialized (
      select * from deliveries
      where id = any(${claim.ids}::bigint[]) and worker_id = ${claim.workerId} and state = 'claimed'
      order by id for no key update
    ),
    verdict as (
      select d.id, gate.reason, case
          when c.status = 'cancelled' then 'cancelled'
          when c.status <> 'sending' or exists (select 1 from settings where key = 'kill_switch') then 'planned'
          when gate.reason is not null then 'suppressed'
          else 'claimed' end as state
      from held d
      left join subscribers s on s.id = d.subscriber_id
      left join campaigns c on c.id = d.campaign_id
      cross join lateral (select ${gateReason(claim.now)} as reason) gate
    )
    update deliveries d set
      state = v.state,
      attempt = greatest(d.attempt - case v.state when 'planned' then 1 else 0 end, 0),
      reason = case v.state when 'suppressed' then v.reason else d.reason end,
      worker_id = case v.state when 'claimed' then d.worker_id end,
      settled_at = case when v.state in ('suppressed', 'cancelled') then ${claim.now}::timestamptz end
    from verdict v where d.id = v.id
    returning d.id, d.state`.execute(db);
  return new Set(rows.filter((row) => row.state === 'claimed').map((row) => row.id));
}

/**
 * Takes back what this worker holds on paper while nothing of the lane is in its hands: the answer to a claim or to an outcome was
 * lost on its way from the database. Without it such a row would wait until the process ends.
 */
export async function reclaimForgotten(
  db: Db,
  holder: { readonly lane: SendingLane; readonly workerId: WorkerId },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with u as (
      update deliveries d set
        state = case d.state when 'claimed' then 'planned' else 'ambiguous' end,
        attempt = greatest(d.attempt - case d.state when 'claimed' then 1 else 0 end, 0),
        worker_id = case d.state when 'claimed' then null else d.worker_id end,
        reason = case d.state when 'claimed' then d.reason else 'outcome_lost' end,
        settled_at = case d.state when 'claimed' then null else clock_timestamp() end
      where d.worker_id = ${holder.workerId} and d.lane = ${holder.lane} and d.state in ('claimed', 'dot_pending')
      returning d.id, d.attempt, d.state
    ),
    event as (
      insert into delivery_events (delivery_id, attempt, event, occurred_at)
      select id, attempt, 'ambiguous', clock_timestamp() from u where state = 'ambiguous'
    )
    select count(*) as count from u`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Gives rows back untouched: no DATA was begun for them. */
export async function releaseClaims(db: Db, ids: readonly DeliveryId[], workerId: WorkerId): Promise<void> {
  await sql`update deliveries set state = 'planned', worker_id = null, attempt = greatest(attempt - 1, 0)
    where id = any(${ids}::bigint[]) and worker_id = ${workerId} and state = 'claimed'`.execute(db);
}

/**
 * Commits `dot_pending` for every message that waits before its final dot, in one statement. Only the ids returned may
 * be finished: the others were lost to a sweep, or the lease is over. Must be durable when this returns.
 */
export async function markDotPending(
  db: Db,
  mark: { readonly ids: readonly DeliveryId[]; readonly workerId: WorkerId },
): Promise<ReadonlySet<DeliveryId>> {
  const { rows } = await sql<{ id: DeliveryId }>`
    update deliveries set state = 'dot_pending', dot_at = clock_timestamp()
    where id = any(${mark.ids}::bigint[]) and worker_id = ${mark.workerId} and state = 'claimed'
      and exists (select 1 from workers w
        where w.id = ${mark.workerId} and w.fenced_at is null and w.lease_expires_at > clock_timestamp())
    returning id`.execute(db);
  return new Set(rows.map((row) => row.id));
}

export interface AttemptOutcome {
  readonly id: DeliveryId;
  readonly attempt: number;
  readonly outcome: DeliveryOutcome;
}

interface OutcomeRow {
  readonly id: number;
  readonly attempt: number;
  readonly state: string;
  readonly reason: string | null;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string | null;
  readonly due: string | null;
}

/** jsonb takes no NUL and no half of a surrogate pair, and a server may say anything: it must not cost the outcome. */
function storableText(text: string): string {
  return text.replaceAll('\0', '').slice(0, 1000).toWellFormed();
}

/**
 * Writes what became of attempts, many at once. Fenced by worker and attempt: an outcome for a row that has moved on changes
 * nothing, but a late reply of the same attempt settles an `ambiguous` row. Returns the ids that changed. What the server says is
 * kept when it is not plain acceptance, and always for a confirmation: there its words, with the queue's id, are evidence. Not for
 * a reader who was erased meanwhile, whose address servers like to repeat.
 */
export async function recordOutcomes(
  db: DbOrTx,
  record: { readonly outcomes: readonly AttemptOutcome[]; readonly workerId: WorkerId; readonly now: Date },
): Promise<ReadonlySet<DeliveryId>> {
  const payload: readonly OutcomeRow[] = record.outcomes.map(({ id, attempt, outcome }) => ({
    id,
    attempt,
    state: outcome.state,
    reason: outcome.state === 'accepted' ? null : outcome.reason,
    code: outcome.reply?.code ?? null,
    enhanced: outcome.reply?.enhancedCode ?? null,
    text: outcome.reply === undefined ? null : storableText(outcome.reply.text),
    due: outcome.state === 'deferred' ? outcome.retryAt.toISOString() : null,
  }));
  const { rows } = await sql<{ id: DeliveryId }>`
    with o as (
      select * from jsonb_to_recordset(${JSON.stringify(payload)}::jsonb)
        as t(id bigint, attempt smallint, state text, reason text, code smallint, enhanced text, text text, due timestamptz)
    ),
    u as (
      update deliveries d set
        state = o.state, reason = o.reason, reply_code = o.code, enhanced_code = o.enhanced,
        due_at = coalesce(o.due, d.due_at),
        settled_at = case when o.state = 'deferred' then null else ${record.now}::timestamptz end
      from o
      where d.id = o.id and d.attempt = o.attempt and d.worker_id = ${record.workerId}
        and d.state in ('claimed', 'dot_pending', 'ambiguous')
      returning d.id, d.kind, d.attempt, d.state, d.address
    ),
    event as (
      insert into delivery_events (delivery_id, attempt, event, reply_code, enhanced_code, reply_text, occurred_at)
      select u.id, u.attempt, u.state, o.code, o.enhanced, case when u.address <> '' then o.text end, ${record.now}
      from u join o on o.id = u.id where u.state <> 'accepted' or u.kind = 'confirm'
    )
    select id from u`.execute(db);
  return new Set(rows.map((row) => row.id));
}

/** When this lane next has something to do; null when nothing waits, or nothing may go. One index entry for each campaign. */
export async function nextDueAt(db: Db, lane: SendingLane): Promise<Date | null> {
  const open = sql`d.state in ('planned', 'deferred')`;
  const first =
    lane === 'transactional'
      ? sql`select due_at as at from deliveries d where d.campaign_id is null and ${open} order by due_at limit 1`
      : sql`select next.at from campaigns c
          cross join lateral (select d.due_at as at from deliveries d where d.campaign_id = c.id and ${open} order by d.due_at limit 1) next
          where c.status = 'sending' and c.kind = ${lane === 'digests' ? 'issue' : 'campaign'} order by next.at limit 1`;
  const { rows } = await sql<{ at: Date }>`select at from (${first}) first where ${NOT_STOPPED}`.execute(db);
  return rows[0]?.at ?? null;
}
