import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db } from '../platform/postgres/index.ts';
import { MINUTES_OF_USUAL } from './signup-meter.ts';
import type { OtherRates, ProcessRate } from './signup-meter.ts';

/**
 * Keeps what this process counted and reads what the others did, as `with` queries for the statement that stores sign-ups. Gives
 * `other_rates`, one row. Each process writes a row of its own, so that none waits for another one's commit.
 */
export function exchangeRates(rate: ProcessRate, now: Date): RawBuilder<unknown> {
  return sql`
    own_rate as (${upsertRate(rate)}),
    other_rates as materialized (
      select coalesce(sum(case
          when r.minute = m.current then r.current + r.previous * m.rest
          when r.minute = m.current - interval '1 minute' then r.current * m.rest else 0 end), 0)::float8 as "lastMinute",
        coalesce(sum(r.usual * power(1 - 1.0 / ${MINUTES_OF_USUAL}::float8,
          greatest(extract(epoch from m.current - r.minute)::float8 / 60, 0))), 0)::float8 as usual,
        max(r.burst_until) as "burstUntil"
      from (select date_trunc('minute', ${now}::timestamptz) as current,
          1 - extract(second from ${now}::timestamptz)::float8 / 60 as rest) as m
        left join signup_rates r on r.process <> ${rate.process}
    )`;
}

function upsertRate({ process, minute, current, previous, usual, burstUntil }: ProcessRate): RawBuilder<unknown> {
  return sql`
    insert into signup_rates (process, minute, current, previous, usual, burst_until)
    values (${process}, ${minute}, ${current}, ${previous}, ${usual}, ${burstUntil})
    on conflict (process) do update set minute = excluded.minute, current = excluded.current, previous = excluded.previous,
      usual = excluded.usual, burst_until = excluded.burst_until`;
}

/** Of a process that refuses everything, and so stores no sign-up with which its numbers would be kept. */
export async function saveRate(db: Db, rate: ProcessRate): Promise<void> {
  await upsertRate(rate).execute(db);
}

/** As a statement of `exchangeRates` returns them. */
export interface OtherRatesRow {
  readonly lastMinute: number;
  readonly usual: number;
  readonly burstUntil: Date | null;
}

export function toOtherRates(row: OtherRatesRow, now: Date): OtherRates {
  return { ...row, readAt: now };
}

/** The end of the last burst, which may lie ahead; null when there was none in the days that are kept. */
export async function readLastBurst(db: Db): Promise<Date | null> {
  const { rows } = await sql<{ until: Date | null }>`select max(burst_until) as until from signup_rates`.execute(db);
  return rows[0]?.until ?? null;
}

/** Forgets processes that ended days ago: by then nothing is left of what they counted. */
export async function forgetEndedProcesses(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('signup_rates').where('minute', '<', before).execute();
}
