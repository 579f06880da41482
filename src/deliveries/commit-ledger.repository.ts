import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { DeliveryId, WorkerId } from '../shared/ids.ts';
import { LANE_OF_KIND, LATE_REPLY_SECONDS } from './delivery.ts';
import type { BlockId, DeliveryOutcome, SmtpReply } from './delivery.ts';

/** One attempt at one delivery; attempts count from 1. */
export interface Attempt {
  readonly id: DeliveryId;
  readonly attempt: number;
}

export interface AttemptOutcome extends Attempt {
  readonly outcome: DeliveryOutcome;
  /** Whether this attempt's dot was committed; `unknown` when no answer came. */
  readonly dot: 'none' | 'committed' | 'unknown';
}

export interface AcceptedAttempt extends Attempt {
  readonly reply: SmtpReply;
}

export interface LedgerEntries {
  readonly workerId: WorkerId;
  /** Messages that wait before their final dot. */
  readonly dots: readonly Attempt[];
  readonly outcomes: readonly AttemptOutcome[];
  /** Blocks of which nothing is left in this worker's hands. */
  readonly doneBlocks: readonly BlockId[];
  readonly now: Date;
}

export interface CommittedEntries {
  /** Only these may be finished: the others were lost to somebody else, or the lease is over. */
  readonly dotted: ReadonlySet<DeliveryId>;
  /** Whose outcome was written. */
  readonly settled: ReadonlySet<DeliveryId>;
}

/** A server may say anything, PostgreSQL's text takes no NUL and no half of a surrogate pair: it must not cost the outcome. */
function storableText(text: string): string {
  return text.replaceAll('\0', '').slice(0, 1000).toWellFormed();
}

export const laneOfKind = sql.raw(
  `case d.kind ${Object.entries(LANE_OF_KIND)
    .map(([kind, lane]) => `when '${kind}' then '${lane}'`)
    .join(' ')} end`,
);

/**
 * Everything that a worker's connections have to write, in one statement and so with one wait for the disk: `dot_pending` for the
 * messages that wait before their final dot, and what became of those before. When it returns it is durable.
 *
 * Fenced: a dot needs a live lease, and a row that nobody has taken an attempt further. An outcome belongs to the attempt whose dot this
 * worker committed, also when it comes late and the row is `ambiguous` or planned again; what was refused before a dot needs the
 * lease. A deferred row, and under the policy `resend` an ambiguous one, comes back as a block of its own. What the server says is kept when
 * it is not plain acceptance, and always for a confirmation: there its words, with the queue's id, are evidence. Not for a reader who was
 * erased meanwhile, whose address servers like to repeat.
 */
export async function commitLedger(db: DbOrTx, entries: LedgerEntries): Promise<CommittedEntries> {
  const { outcomes, dots, workerId, now } = entries;
  const column = <T>(read: (outcome: DeliveryOutcome) => T): T[] => outcomes.map(({ outcome }) => read(outcome));
  const { rows } = await sql<{ id: DeliveryId; isDot: boolean }>`
    /* prepared: commit-ledger */
    with alive as materialized (select 1 from workers
      where id = ${workerId} and fenced_at is null and lease_expires_at > clock_timestamp()),
    o as materialized (
      select * from unnest(${outcomes.map(({ id }) => id)}::bigint[], ${outcomes.map(({ attempt }) => attempt)}::smallint[],
        ${column(({ state }) => state)}::text[], ${column((outcome) => ('reason' in outcome ? outcome.reason : null))}::text[],
        ${column(({ reply }) => reply?.code ?? null)}::smallint[], ${column(({ reply }) => reply?.enhancedCode ?? null)}::text[],
        ${column(({ reply }) => (reply === undefined ? null : storableText(reply.text)))}::text[],
        ${column((outcome) => (outcome.state === 'deferred' ? outcome.retryAt.toISOString() : null))}::timestamptz[],
        ${outcomes.map(({ dot }) => dot)}::text[]
      ) as t(id, attempt, state, reason, code, enhanced, text, due, dot)
    ),
    settled as (
      update deliveries d set
        state = o.state, attempt = o.attempt, reason = o.reason, reply_code = o.code, enhanced_code = o.enhanced,
        due_at = case o.state when 'deferred' then o.due when 'ambiguous' then ${now}::timestamptz + make_interval(secs => ${sql.lit(LATE_REPLY_SECONDS)}) else d.due_at end,
        settled_at = case when o.state = 'deferred' then null else ${now}::timestamptz end
      from o
      where d.id = o.id and (
        o.dot <> 'none' and d.attempt = o.attempt and d.worker_id = ${workerId} and d.state in ('dot_pending', 'ambiguous', 'planned')
        or o.dot <> 'committed' and d.attempt = o.attempt - 1 and d.state in ('planned', 'deferred')
          and o.state in ('deferred', 'rejected') and exists (select from alive)
      )
      returning d.id, d.kind, d.campaign_id, d.attempt, d.state, d.due_at, d.address
    ),
    dotted as (
      update deliveries d set state = 'dot_pending', attempt = p.attempt, worker_id = ${workerId}, dot_at = clock_timestamp()
      from unnest(${dots.map(({ id }) => id)}::bigint[], ${dots.map(({ attempt }) => attempt)}::smallint[]) as p(id, attempt)
      where d.id = p.id and d.attempt = p.attempt - 1 and d.state in ('planned', 'deferred') and exists (select from alive)
      returning d.id
    ),
    event as (
      insert into delivery_events (delivery_id, attempt, event, reply_code, enhanced_code, reply_text, occurred_at)
      select s.id, s.attempt, s.state, o.code, o.enhanced, case when s.address <> '' then o.text end, ${now}
      from settled s join o on o.id = s.id where s.state <> 'accepted' or s.kind = 'confirm'
    ),
    again as (
      insert into delivery_blocks (lane, campaign_id, first_id, last_id, due_at)
      select ${laneOfKind}, d.campaign_id, d.id, d.id, d.due_at from settled d
      where d.state = 'deferred' or d.state = 'ambiguous' and (d.kind = 'confirm'
        or exists (select 1 from campaigns c where c.id = d.campaign_id and c.ambiguous_policy = 'resend'))
    ),
    -- Without a lease an outcome may not have been written: then the block is left to those who take over, or its row would be in none.
    done as (delete from delivery_blocks where id = any(${entries.doneBlocks}::bigint[]) and worker_id = ${workerId} and exists (select from alive))
    select id, false as "isDot" from settled union all select id, true from dotted`.execute(db);
  const idsOf = (isDot: boolean): Set<DeliveryId> =>
    new Set(rows.filter((row) => row.isDot === isDot).map((row) => row.id));
  return { dotted: idsOf(true), settled: idsOf(false) };
}

/**
 * The same for what happens thousands of times a second: bulk mails that were accepted, and the dots of the next ones. A fifth of the
 * work of `commitLedger`, which is for everything else.
 */
export async function commitAccepted(
  db: DbOrTx,
  entries: {
    readonly workerId: WorkerId;
    readonly dots: readonly Attempt[];
    readonly accepted: readonly AcceptedAttempt[];
    readonly now: Date;
  },
): Promise<ReadonlySet<DeliveryId>> {
  const { accepted, dots, workerId, now } = entries;
  const { rows } = await sql<{ id: DeliveryId }>`
    /* prepared: commit-accepted */
    with settled as (
      update deliveries d set state = 'accepted', reason = null, reply_code = o.code, enhanced_code = o.enhanced, settled_at = ${now}
      from unnest(${accepted.map(({ id }) => id)}::bigint[], ${accepted.map(({ attempt }) => attempt)}::smallint[],
        ${accepted.map(({ reply }) => reply.code)}::smallint[], ${accepted.map(({ reply }) => reply.enhancedCode ?? null)}::text[])
        as o(id, attempt, code, enhanced)
      where d.id = o.id and d.attempt = o.attempt and d.worker_id = ${workerId} and d.state in ('dot_pending', 'ambiguous', 'planned')
    ),
    dotted as (
      update deliveries d set state = 'dot_pending', attempt = p.attempt, worker_id = ${workerId}, dot_at = clock_timestamp()
      from unnest(${dots.map(({ id }) => id)}::bigint[], ${dots.map(({ attempt }) => attempt)}::smallint[]) as p(id, attempt)
      where d.id = p.id and d.attempt = p.attempt - 1 and d.state in ('planned', 'deferred') and exists (select 1 from workers
        where id = ${workerId} and fenced_at is null and lease_expires_at > clock_timestamp())
      returning d.id
    )
    select id from dotted`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/**
 * Puts rows off that are in this worker's hands and have no outcome: a limit or a pause that is not about the reader. They are free, as
 * blocks of their own, from `until` on.
 */
export async function postponeRows(
  db: DbOrTx,
  postponed: readonly { readonly ids: readonly DeliveryId[]; readonly until: Date }[],
): Promise<void> {
  const rows = postponed.flatMap(({ ids, until }) => ids.map((id) => ({ id, until: until.toISOString() })));
  await sql`
    insert into delivery_blocks (lane, campaign_id, first_id, last_id, ids, due_at)
    select ${laneOfKind}, d.campaign_id, min(d.id), max(d.id), array_agg(d.id order by d.id), p.until
    from unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ until }) => until)}::timestamptz[]) as p(id, until)
    join deliveries d on d.id = p.id
    group by 1, d.campaign_id, p.until`.execute(db);
}
