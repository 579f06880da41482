import { sql } from 'kysely';
import { countDeliveries } from '../../../src/deliveries/index.ts';
import type { DeliveryCounts } from '../../../src/deliveries/index.ts';
import type { Db } from '../../../src/platform/postgres/index.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';

export interface Look {
  readonly status: string;
  readonly isFinished: boolean;
  readonly counts: DeliveryCounts;
}

/**
 * What is shown of a campaign, beside its rows counted one by one in the same snapshot.
 * @throws when they differ (T12), when the parts do not add up to the audience, or when it is finished with rows that are open (T13).
 */
export function lookAt(db: Db, id: CampaignId): Promise<Look> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const { rows } = await sql<{ status: string; isFinished: boolean; isFrozen: boolean }>`
        select status, finished_at is not null as "isFinished", frozen_at is not null as "isFrozen" from campaigns where id = ${id}`.execute(
        tx,
      );
      const [campaign] = rows;
      if (campaign === undefined) {
        throw new Error('the campaign is gone');
      }
      const counts = await countDeliveries(tx, id);
      const counted = await sql<{ state: string; count: number }>`
        select state, count(*) as count from deliveries where campaign_id = ${id} group by state`.execute(tx);
      const wrong = describeImbalance(counts, counted.rows);
      if (wrong !== undefined || (campaign.isFinished && counts.open > 0)) {
        throw new Error(`the balance is wrong: ${wrong ?? 'finished while rows are open'}, ${JSON.stringify(counts)}`);
      }
      return { ...campaign, counts };
    });
}

function describeImbalance(
  counts: DeliveryCounts,
  rows: readonly { readonly state: string; readonly count: number }[],
): string | undefined {
  const { audience, open, ...settled } = counts;
  const of = (state: string): number => rows.find((row) => row.state === state)?.count ?? 0;
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  const wrong = Object.entries(settled).filter(([state, count]) => of(state) !== count);
  const parts = Object.values(settled).reduce((sum, count) => sum + count, open);
  const isBalanced = wrong.length === 0 && total === audience && parts === audience && open >= 0;
  return isBalanced ? undefined : `the rows are ${JSON.stringify(rows)}`;
}
