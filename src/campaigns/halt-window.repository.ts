import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { HaltWindow } from './halt-window.ts';

export interface CountedWindow extends HaltWindow {
  readonly campaignId: CampaignId;
  readonly beganAfter: number;
}

/** For each outcome that speaks against the campaign: how many came after it in its batch. */
export interface BatchOfRefusals {
  readonly campaignId: CampaignId;
  readonly hard: readonly number[];
  readonly refused: readonly number[];
}

const OUTCOMES = (campaignId: CampaignId) => sql`coalesce((select sum(count) from campaign_counts
  where campaign_id = ${campaignId} and state in ('accepted', 'rejected')), 0)::bigint`;

const inWindow = (numbers: string, size: number) =>
  sql`(select count(*) from unnest(${sql.ref(numbers)}) n where n > w.outcomes - ${size}::bigint)`;

/**
 * Adds what a batch brought to the window and forgets what has moved out of it. The first statement waits for other workers, so that the
 * second, with the counts of then, knows every outcome before.
 */
export async function addToWindow(db: DbOrTx, batch: BatchOfRefusals, size: number): Promise<CountedWindow> {
  const { campaignId } = batch;
  await sql`insert into campaign_windows (campaign_id) values (${campaignId})
    on conflict (campaign_id) do update set campaign_id = excluded.campaign_id`.execute(db);
  const next = (kept: string, behind: readonly number[]) => sql`array(
    select n from (
      select unnest(${sql.ref(kept)}) as n union all select t.outcomes - b from unnest(${behind}::bigint[]) b
    ) numbers where n > greatest(w.began_after, t.outcomes - ${size}::bigint))`;
  await sql`
    update campaign_windows w set outcomes = t.outcomes,
      hard = ${next('w.hard', batch.hard)}, refused = ${next('w.refused', batch.refused)}
    from (select ${OUTCOMES(campaignId)} as outcomes) t
    where w.campaign_id = ${campaignId}`.execute(db);
  const window = await selectWindow(db, campaignId, size);
  if (window === undefined) {
    throw new Error(`the window of campaign ${campaignId} is gone`);
  }
  return window;
}

export async function selectWindow(
  db: DbOrTx,
  campaignId: CampaignId,
  size: number,
): Promise<CountedWindow | undefined> {
  const { rows } = await sql<CountedWindow>`${windows(size)} where w.campaign_id = ${campaignId}`.execute(db);
  return rows[0];
}

export async function selectWindowsOfSending(db: DbOrTx, size: number): Promise<readonly CountedWindow[]> {
  const { rows } = await sql<CountedWindow>`
    ${windows(size)} join campaigns c on c.id = w.campaign_id where c.status = 'sending'`.execute(db);
  return rows;
}

function windows(size: number): ReturnType<typeof sql> {
  return sql`
    select w.campaign_id as "campaignId", w.began_after as "beganAfter",
      least(${size}::bigint, w.outcomes - w.began_after) as outcomes,
      ${inWindow('w.hard', size)} as hard, ${inWindow('w.refused', size)} as refused
    from campaign_windows w`;
}

/** What happened until now counts no more. */
export async function restartWindow(tx: Tx, campaignId: CampaignId): Promise<void> {
  await sql`
    update campaign_windows set began_after = ${OUTCOMES(campaignId)}, outcomes = ${OUTCOMES(campaignId)},
      hard = '{}', refused = '{}'
    where campaign_id = ${campaignId}`.execute(tx);
}
