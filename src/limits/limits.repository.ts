import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Database, Db, DbOrTx } from '../platform/postgres/index.ts';
import type { LimitUse } from './gauge.ts';
import type { GaugeScope, LimitScope, SendingLimit } from './limit.ts';

export interface StoredLimit extends SendingLimit {
  readonly scope: LimitScope;
}

export interface StoredPause {
  readonly scope: LimitScope;
  readonly pausedUntil: Date;
  readonly reason: string;
  readonly step: number;
}

/** What is used of a scope, and which version of that it is. */
export interface StoredUse {
  readonly scope: GaugeScope;
  readonly version: number;
  readonly use: LimitUse;
}

export async function selectLimits(db: DbOrTx): Promise<readonly StoredLimit[]> {
  return (await db.selectFrom('sending_limits').selectAll().orderBy('scope').execute()).map(toLimit);
}

export async function selectPauses(db: DbOrTx): Promise<readonly StoredPause[]> {
  const rows = await db.selectFrom('sending_pauses').selectAll().orderBy('scope').execute();
  return rows.map((row) => ({ ...row, scope: row.scope as LimitScope, pausedUntil: row.paused_until }));
}

export async function selectUses(db: DbOrTx, scopes: readonly string[]): Promise<readonly StoredUse[]> {
  const { rows } =
    await sql<StoredUse>`select scope, version, use from sending_use where scope = any(${scopes}::text[])`.execute(db);
  return rows;
}

const RECENT_SHOWN = 50;

/** Of the scopes that something was counted of last. */
export async function selectRecentUses(db: DbOrTx): Promise<readonly StoredUse[]> {
  const { rows } = await sql<StoredUse>`
    select scope, version, use from sending_use order by updated_at desc, scope limit ${RECENT_SHOWN}`.execute(db);
  return rows;
}

/** One statement for all that a worker has to know every two seconds. */
export async function selectSettings(
  db: Db,
): Promise<{ readonly limits: readonly StoredLimit[]; readonly pauses: readonly StoredPause[] }> {
  const { rows } = await sql<{
    limit: LimitRow | null;
    pause: { scope: LimitScope; until: string; reason: string; step: number } | null;
  }>`
    select to_jsonb(l) as "limit", null as pause from sending_limits l
    union all
    select null, jsonb_build_object('scope', scope, 'until', paused_until, 'reason', reason, 'step', step) from sending_pauses`.execute(
    db,
  );
  return {
    limits: rows.flatMap(({ limit }) => (limit === null ? [] : [toLimit(limit)])),
    pauses: rows.flatMap(({ pause }) =>
      pause === null
        ? []
        : [{ scope: pause.scope, pausedUntil: new Date(pause.until), reason: pause.reason, step: pause.step }],
    ),
  };
}

/** Rows for scopes that nothing was counted of yet, and what is counted of all. */
export async function loadUses(db: Db, scopes: readonly GaugeScope[], now: Date): Promise<readonly StoredUse[]> {
  await sql`insert into sending_use (scope, updated_at) select scope, ${now} from unnest(${scopes}::text[]) as s(scope) order by scope
    on conflict (scope) do nothing`.execute(db);
  return selectUses(db, scopes);
}

/**
 * Stores what is used now, if nobody has stored anything since the versions given: all of it or nothing. Otherwise tells what is there.
 * One statement, which ends by itself: a worker that is stopped in the middle holds nobody up.
 */
export async function swapUses(
  db: Db,
  uses: readonly StoredUse[],
  now: Date,
): Promise<{ readonly isSwapped: boolean; readonly current: readonly StoredUse[] }> {
  const { rows } = await sql<StoredUse & { isSwapped: boolean }>`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb) as g(scope text, version bigint, use jsonb)
    ),
    held as materialized (
      select u.scope, u.version, u.use from sending_use u where u.scope in (select scope from given) order by u.scope for update
    ),
    verdict as materialized (
      select count(*) = (select count(*) from given) as "isSwapped" from held h join given g on g.scope = h.scope and g.version = h.version
    ),
    stored as (
      update sending_use u set version = u.version + 1, use = g.use, updated_at = ${now}
      from given g cross join verdict v where u.scope = g.scope and v."isSwapped"
    )
    select h.scope, h.version, h.use, v."isSwapped" from held h cross join verdict v`.execute(db);
  return { isSwapped: rows[0]?.isSwapped ?? false, current: rows };
}

/**
 * Pauses a scope, twice as long as the time before, unless it is paused: many connections hear the same at once. After an hour without
 * trouble it begins anew. @returns undefined when somebody else has paused it already.
 */
export async function storePause(
  db: Db,
  pause: {
    readonly scope: LimitScope;
    readonly reason: string;
    readonly now: Date;
    readonly firstSeconds: number;
    readonly longestSeconds: number;
  },
): Promise<StoredPause | undefined> {
  const { rows } = await sql<StoredPause>`
    insert into sending_pauses as p (scope, paused_until, reason, step)
    values (${pause.scope}, ${pause.now}::timestamptz + make_interval(secs => ${pause.firstSeconds}), ${pause.reason}, 1)
    on conflict (scope) do update set (step, paused_until, reason) = (
      select n.step, ${pause.now}::timestamptz + make_interval(secs => least(${pause.firstSeconds} * 2 ^ (n.step - 1), ${pause.longestSeconds})), excluded.reason
      from (select case when p.paused_until < ${pause.now}::timestamptz - interval '1 hour' then 1 else least(p.step + 1, 20) end as step) n)
    where p.paused_until <= ${pause.now}
    returning scope, paused_until as "pausedUntil", reason, step`.execute(db);
  return rows[0];
}

export async function selectPause(db: Db, scope: LimitScope): Promise<StoredPause | undefined> {
  return (await selectPauses(db)).find((pause) => pause.scope === scope);
}

/** Only a pause that is over: one that somebody else began meanwhile stays. */
export async function deletePause(db: Db, scope: LimitScope, now: Date): Promise<void> {
  await db.deleteFrom('sending_pauses').where('scope', '=', scope).where('paused_until', '<=', now).execute();
}

/** @returns what it was before. */
export async function upsertLimit(
  tx: DbOrTx,
  { scope, ...limit }: StoredLimit,
  now: Date,
): Promise<SendingLimit | undefined> {
  const before = await lockLimit(tx, scope);
  const values = {
    per_second: limit.perSecond,
    per_hour: limit.perHour,
    per_day: limit.perDay,
    concurrency: limit.concurrency,
    updated_at: now,
  };
  await tx
    .insertInto('sending_limits')
    .values({ scope, ...values })
    .onConflict((conflict) => conflict.column('scope').doUpdateSet(values))
    .execute();
  return before;
}

/** @returns what it was; undefined when there was none. */
export async function deleteLimit(tx: DbOrTx, scope: LimitScope): Promise<SendingLimit | undefined> {
  const row = await tx.deleteFrom('sending_limits').where('scope', '=', scope).returningAll().executeTakeFirst();
  return row === undefined ? undefined : withoutScope(toLimit(row));
}

/** What is older than the longest window counts for nothing any more; nor does a pause that has been over for a day. */
export async function forgetOldUse(db: Db, now: Date): Promise<void> {
  await sql`delete from sending_use where updated_at < ${now}::timestamptz - interval '25 hours'`.execute(db);
  await sql`delete from sending_pauses where paused_until < ${now}::timestamptz - interval '1 day'`.execute(db);
}

async function lockLimit(tx: DbOrTx, scope: LimitScope): Promise<SendingLimit | undefined> {
  const row = await tx
    .selectFrom('sending_limits')
    .selectAll()
    .where('scope', '=', scope)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : withoutScope(toLimit(row));
}

function withoutScope({ scope: _scope, ...limit }: StoredLimit): SendingLimit {
  return limit;
}

type LimitRow = Pick<
  Selectable<Database['sending_limits']>,
  'scope' | 'per_second' | 'per_hour' | 'per_day' | 'concurrency'
>;

function toLimit(row: LimitRow): StoredLimit {
  return {
    scope: row.scope as LimitScope,
    // numeric comes as text.
    perSecond: row.per_second === null ? null : Number(row.per_second),
    perHour: row.per_hour,
    perDay: row.per_day,
    concurrency: row.concurrency,
  };
}
