import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { SendWindow } from '../shared/send-window.ts';

/** When the readers of a campaign are due. */
export interface DuePlan {
  readonly now: Date;
  /** When the campaign was to start: what the newsletter's clock shows then is the time of `localTime`. */
  readonly startAt: Date;
  /** The newsletter's. */
  readonly zone: string;
  /** Each reader by the clock of his own zone instead of the newsletter's. */
  readonly localTime: boolean;
  /** `2026-12-01T09:00:00` on each reader's clock, instead of the time of `startAt`. */
  readonly localAt: string | null;
  readonly window: SendWindow | null;
}

/** PostgreSQL may know fewer zones than browsers do, and refuses the whole statement for one that it does not know: null for such a one. */
function known(zone: RawBuilder<string | null>): RawBuilder<string | null> {
  return sql`case when lower(${zone}) in (select lower(z.name) from pg_timezone_names z) then ${zone} end`;
}

/** The reader's zone, or the newsletter's. */
function readerZone(newsletterZone: RawBuilder<string>): RawBuilder<string> {
  return sql`coalesce(${known(sql.ref('s.time_zone'))}, ${known(newsletterZone)}, 'UTC')`;
}

/**
 * The first moment from `at` on that lies within the window, by the clock of the zone. An opening that the clock skips in spring comes an hour
 * later, one that it shows twice comes the second time.
 */
function withinWindow(moment: {
  readonly at: RawBuilder<Date>;
  readonly zone: RawBuilder<string>;
  readonly window: RawBuilder<string>;
}): RawBuilder<Date> {
  return sql<Date>`(select case
      when (w.opens < w.closes and w.clock >= w.opens and w.clock < w.closes) or (w.opens > w.closes and (w.clock >= w.opens or w.clock < w.closes))
        then w.at
      else greatest(w.at, (w.day + case when w.opens < w.closes and w.clock >= w.closes then 1 else 0 end + w.opens) at time zone w.zone)
    end
    from (select p.at, p.zone, (p.at at time zone p.zone)::time as clock, (p.at at time zone p.zone)::date as day,
        split_part(p.hours, '-', 1)::time as opens, split_part(p.hours, '-', 2)::time as closes
      from (select ${moment.at}::timestamptz as at, ${moment.zone} as zone, ${moment.window}::text as hours offset 0) p) w)`;
}

/**
 * A query for one row with `at`, when a reader is due, to be joined laterally by the statement that freezes an audience, whose alias `s` is
 * the subscriber. At once, unless the plan says otherwise; also for a reader by whose clock the time is over.
 */
export function dueAtQuery(plan: DuePlan): RawBuilder<{ at: Date }> {
  const now = sql<Date>`${plan.now}::timestamptz`;
  if (!plan.localTime && plan.window === null) {
    return sql`select ${now} as at`;
  }
  const newsletterZone = sql<string>`${plan.zone}::text`;
  const home = sql<string>`coalesce(${known(newsletterZone)}, 'UTC')`;
  const zone = plan.localTime ? readerZone(newsletterZone) : home;
  const wall =
    plan.localAt === null ? sql`(${plan.startAt}::timestamptz at time zone ${home})` : sql`${plan.localAt}::timestamp`;
  const at = plan.localTime ? sql<Date>`greatest(${now}, ${wall} at time zone ${zone})` : now;
  const due = plan.window === null ? at : withinWindow({ at, zone, window: sql<string>`${plan.window}` });
  // `offset 0`: worked out once for a reader, however often the statement names it.
  return sql`select ${due} as at offset 0`;
}

/**
 * Null while a delivery may leave by the window of its campaign; otherwise when that opens again. For the statement that claims, over the
 * aliases `d` (deliveries) and `s` (subscribers, may be missing). It moves retries, and what a limit or a long audience left over.
 */
export function opensAtExpression(now: Date): RawBuilder<Date | null> {
  const own = sql<string>`own_letter.time_zone`;
  const zone = sql<string>`case when own.local_time then ${readerZone(own)} else coalesce(${known(own)}, 'UTC') end`;
  const at = withinWindow({ at: sql`${now}::timestamptz`, zone, window: sql`own.send_window` });
  return sql<Date | null>`(select nullif(${at}, ${now}::timestamptz) from campaigns own
    join newsletters own_letter on own_letter.id = own.newsletter_id
    where own.id = d.campaign_id and own.send_window is not null)`;
}

/**
 * When a time on the readers' clocks comes first and last, and when on the newsletter's own, by the zones of those who read it now.
 * @param wall `2026-12-01T09:00:00`
 */
export async function spanLocalTime(
  db: DbOrTx,
  local: { readonly newsletterId: number; readonly zone: string; readonly wall: string },
): Promise<{ readonly first: Date; readonly last: Date }> {
  const { rows } = await sql<{ first: Date; last: Date }>`
    with zone as (
      select distinct s.time_zone from subscriptions n join subscribers s on s.id = n.subscriber_id
      where n.newsletter_id = ${local.newsletterId} and n.status = 'active'
      union select null
    )
    select min(at) as first, max(at) as last
    from (select ${local.wall}::timestamp at time zone ${readerZone(sql<string>`${local.zone}::text`)} as at from zone s) moments`.execute(
    db,
  );
  const [span] = rows;
  if (span === undefined) {
    throw new Error('an aggregate without a row');
  }
  return span;
}

/** What the clock of a zone shows at an instant, as `2026-12-01T09:00:00`. */
export async function readWallClock(db: DbOrTx, at: Date, zone: string): Promise<string> {
  const { rows } = await sql<{ wall: string }>`
    select to_char(${at}::timestamptz at time zone coalesce(${known(sql<string>`${zone}::text`)}, 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS') as wall`.execute(
    db,
  );
  return rows[0]?.wall ?? '';
}

/** Time for every worker to have heard of what changed. */
const HEARD_SECONDS = 3;

/**
 * Takes a fresh look at what a limit, a pause or a window has put off: its rows were due before, only their block is not. What a retry waits
 * for stays.
 */
export async function bringForward(db: DbOrTx, now: Date): Promise<void> {
  await sql`
    update delivery_blocks b set due_at = ${now}::timestamptz + make_interval(secs => ${HEARD_SECONDS})
    from deliveries d
    where d.id = coalesce(b.ids[1], b.first_id) and b.worker_id is null and d.due_at <= ${now}
      and b.due_at > ${now}::timestamptz + make_interval(secs => ${HEARD_SECONDS})`.execute(db);
}
