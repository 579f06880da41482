import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { CampaignId, NewsletterId } from '../shared/ids.ts';
import { KILL_SWITCH, RELEASE_HOLD } from './hold.ts';
import type { Holds, OverdueNewsletter, ReleaseHold, SendingStop, WaitingCampaign } from './hold.ts';

export async function readHolds(db: DbOrTx): Promise<Holds> {
  const { rows } = await sql<{ key: string; value: Record<string, string> }>`
    select key, value from settings where key in (${KILL_SWITCH}, ${RELEASE_HOLD})`.execute(db);
  const valueOf = (key: string): Record<string, string> | undefined => rows.find((row) => row.key === key)?.value;
  return { stop: toStop(valueOf(KILL_SWITCH)), hold: toHold(valueOf(RELEASE_HOLD)) };
}

/** Whatever stands there stops everything, also a row that somebody wrote by hand. */
function toStop(value: Record<string, string> | undefined): SendingStop | null {
  return value === undefined ? null : { since: new Date(value['since'] ?? 0), by: value['by'] ?? 'unknown' };
}

function toHold(value: Record<string, string> | undefined): ReleaseHold | null {
  if (value === undefined) {
    return null;
  }
  const reason = value['reason'] === 'long_stopped' ? 'long_stopped' : 'restored';
  const since = new Date(value['since'] ?? 0);
  return { reason, since, lastWorkAt: value['lastWorkAt'] === undefined ? since : new Date(value['lastWorkAt']) };
}

/**
 * In one statement, by the database's clock: the same for all hosts, and of two workers that start together one finds the
 * other's row. Nothing is held before the first worker ever ran, or while nothing could go out by itself.
 * @returns true when it was this call that began to hold
 */
export async function insertLongStopped(db: DbOrTx, longerThanHours: number): Promise<boolean> {
  const result = await sql`
    insert into settings (key, value, updated_at)
    select ${RELEASE_HOLD}, jsonb_build_object('reason', 'long_stopped', 'since', clock_timestamp(), 'lastWorkAt', w.last_seen_at),
      clock_timestamp()
    from (select max(heartbeat_at) as last_seen_at from workers) w
    where w.last_seen_at < clock_timestamp() - make_interval(hours => ${longerThanHours})
      and (exists (select 1 from campaigns where status in ('scheduled', 'sending', 'paused'))
        or exists (select 1 from newsletters where next_run_at is not null))
    on conflict (key) do nothing`.execute(db);
  return Number(result.numAffectedRows ?? 0n) === 1;
}

/** False when somebody was quicker. */
export async function insertStop(db: DbOrTx, by: string): Promise<boolean> {
  const result = await sql`
    insert into settings (key, value, updated_at)
    values (${KILL_SWITCH}, jsonb_build_object('since', clock_timestamp(), 'by', ${by}::text), clock_timestamp())
    on conflict (key) do nothing`.execute(db);
  return Number(result.numAffectedRows ?? 0n) === 1;
}

export async function deleteHold(db: DbOrTx, key: typeof KILL_SWITCH | typeof RELEASE_HOLD): Promise<boolean> {
  const result = await sql`delete from settings where key = ${key}`.execute(db);
  return Number(result.numAffectedRows ?? 0n) === 1;
}

type Unfinished = Omit<WaitingCampaign, 'readers'> & {
  readonly id: CampaignId;
  readonly newsletterId: NewsletterId;
  readonly isFrozen: boolean;
};

/** Under way, or scheduled for a time that has passed. Those for later wait for their own time, as ever. */
export async function listWaitingCampaigns(db: DbOrTx, now: Date): Promise<readonly Unfinished[]> {
  const { rows } = await sql<Unfinished>`
    select c.id, c.kind, c.subject, c.start_at as "startAt", c.newsletter_id as "newsletterId", n.name as "newsletterName",
      c.frozen_at is not null as "isFrozen"
    from campaigns c join newsletters n on n.id = c.newsletter_id
    where c.status = 'sending' or (c.status = 'scheduled' and c.start_at <= ${now})
    order by c.id`.execute(db);
  return rows;
}

export async function listOverdueNewsletters(
  db: DbOrTx,
  now: Date,
): Promise<readonly (Omit<OverdueNewsletter, 'readers'> & { readonly id: NewsletterId })[]> {
  const { rows } = await sql<Omit<OverdueNewsletter, 'readers'> & { readonly id: NewsletterId }>`
    select id, name, next_run_at as "dueAt" from newsletters where next_run_at <= ${now} order by id`.execute(db);
  return rows;
}
