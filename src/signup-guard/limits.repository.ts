import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db } from '../platform/postgres/index.ts';
import type { LimitUse } from './signup-limits.ts';

/** Rows that a sweep deletes at most, so that it never holds anybody up; the rest goes a minute later. */
const FORGOTTEN_AT_ONCE = 50_000;

/**
 * Counts a batch of sign-ups, as `with` queries for the statement that stores them, so that counting costs no round trip and no
 * commit. Gives `limit_verdict (item, is_admitted, refused_by, retry_at, due_at, mail_hold)`, a row for each item. Sign-ups of one batch that
 * count against the same row are counted at once; rows are locked in the order of their keys, as subscribers are.
 */
export function countUses(batch: readonly (readonly LimitUse[])[], now: Date): RawBuilder<unknown> {
  const { wanted, uses } = mergeUses(batch);
  return sql`
    limit_wanted as materialized (
      select w.*, least(w.n, floor(w.reach / w.step))::int as fits
      from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w(key uuid, n int, step float8, reach float8)
    ),
    limit_counted as (
      insert into signup_limits as l (key, full_at, granted, step_seconds, reach_seconds, expires_at)
      select key, ${now}::timestamptz + make_interval(secs => fits * step), fits, step, reach,
        date_trunc('hour', ${now}::timestamptz + make_interval(secs => fits * step), 'UTC') + interval '1 hour'
      from limit_wanted order by key
      on conflict (key) do update set (granted, full_at, step_seconds, reach_seconds, expires_at) = (
        select n.granted, f.full_at, excluded.step_seconds, excluded.reach_seconds, date_trunc('hour', f.full_at, 'UTC') + interval '1 hour'
        from (select greatest(l.full_at, ${now}::timestamptz) as used_until) as u,
          lateral (select least(excluded.granted, greatest(0, floor(0.001 +
            (excluded.reach_seconds - extract(epoch from u.used_until - ${now}::timestamptz)) / excluded.step_seconds)))::int as granted) as n,
          lateral (select u.used_until + make_interval(secs => n.granted * excluded.step_seconds) as full_at) as f)
      returning key, full_at, granted, step_seconds, reach_seconds
    ),
    limit_use as (
      select u.item, u.kind, u."isGate", u.rank > c.granted as "isOver",
        c.full_at + make_interval(secs => c.step_seconds - c.reach_seconds) as retry_at,
        case when u.rank > c.granted then 'infinity'::timestamptz
          else c.full_at - make_interval(secs => (c.granted - u.rank) * c.step_seconds + u.burst) end as due_at
      from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb) as u(item int, kind text, key uuid, rank int, burst float8, "isGate" boolean)
      join limit_counted c on c.key = u.key
    ),
    limit_verdict as materialized (
      select item, bool_and(not ("isGate" and "isOver")) as is_admitted,
        min(kind) filter (where "isGate" and "isOver") as refused_by,
        max(retry_at) filter (where "isGate" and "isOver") as retry_at,
        max(due_at) filter (where not "isGate") as due_at,
        (array_agg(kind order by due_at desc) filter (where not "isGate" and due_at > ${now}::timestamptz))[1] as mail_hold
      from limit_use group by item
    )`;
}

function mergeUses(batch: readonly (readonly LimitUse[])[]): {
  readonly wanted: readonly object[];
  readonly uses: readonly object[];
} {
  const wanted = new Map<string, { key: string; n: number; step: number; reach: number }>();
  const uses = batch.flatMap((one, item) =>
    one.map((use) => {
      const counted = wanted.get(use.key) ?? { key: use.key, n: 0, step: use.stepSeconds, reach: use.reachSeconds };
      counted.n += 1;
      wanted.set(use.key, counted);
      const { kind, key, burstSeconds: burst } = use;
      return { item, kind, key, rank: counted.n, burst, isGate: use.effect === 'gate' };
    }),
  );
  return { wanted: [...wanted.values()], uses };
}

/** Deletes what limits nobody any more; for the sweep. */
export async function forgetUnusedLimits(db: Db, now: Date): Promise<void> {
  await sql`
    delete from signup_limits where key in (
      select key from signup_limits where expires_at < ${now} limit ${FORGOTTEN_AT_ONCE} for update skip locked
    )`.execute(db);
}
