import type { Tx } from '../platform/postgres/index.ts';
import type { CampaignId, IssueId } from '../shared/ids.ts';

/**
 * The campaign of an issue whose audience is not frozen yet, locked. Undefined: it has started, or starts right now; that
 * lock is held for as long as a large audience takes, so nobody waits for it.
 */
export async function lockUnstartedCampaign(tx: Tx, issueId: IssueId): Promise<CampaignId | undefined> {
  const row = await tx
    .selectFrom('campaigns')
    .select('id')
    .where('issue_id', '=', issueId)
    .where('frozen_at', 'is', null)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row?.id;
}

/** Deleted, not cancelled: whoever is preparing its mail finds no campaign to freeze, and a new approval makes a new one. */
export async function deleteUnstartedCampaign(tx: Tx, id: CampaignId): Promise<void> {
  await tx.deleteFrom('campaigns').where('id', '=', id).where('frozen_at', 'is', null).execute();
}

/** Only one that is still to start. */
export async function rescheduleCampaign(
  tx: Tx,
  id: CampaignId,
  changes: { readonly startAt: Date; readonly source: string; readonly now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('campaigns')
    .set({ start_at: changes.startAt, source: changes.source, updated_at: changes.now })
    .where('id', '=', id)
    .where('status', '=', 'scheduled')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
