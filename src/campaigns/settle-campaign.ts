import { recordAudit } from '../audit/index.ts';
import { cancelOpenDeliveries, countDeliveries, isInHand, recoverOpenDeliveries } from '../deliveries/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { CampaignId } from '../shared/ids.ts';
import { allowLongStatements, lockCampaign, updateCampaignRow } from './campaigns.repository.ts';

export type SettleOutcome = 'finished' | 'still-open' | 'nothing-to-settle';

/**
 * What the job `settle-campaign` does: a sending campaign without an open delivery is sent; a cancelled one is rid of what
 * came back to it from a worker (a deferral, a lost lease), and finished once nothing is open.
 */
export async function settleCampaign(
  deps: { readonly db: Db; readonly clock: Clock },
  id: CampaignId,
): Promise<SettleOutcome> {
  return deps.db.transaction().execute(async (tx) => {
    const campaign = await lockCampaign(tx, id);
    if (campaign === undefined || campaign.finishedAt !== null) {
      return 'nothing-to-settle';
    }
    const now = deps.clock.now();
    if (campaign.status === 'cancelled') {
      await allowLongStatements(tx);
      await cancelOpenDeliveries(tx, id, now);
    } else if (campaign.status !== 'sending') {
      return 'nothing-to-settle';
    }
    if (await isInHand(tx, id)) {
      return 'still-open';
    }
    const { audience: _, ...counts } = await countDeliveries(tx, id);
    if (counts.open > 0 && (await recoverOpenDeliveries(tx, id)) > 0) {
      return 'still-open';
    }
    await updateCampaignRow(tx, id, {
      ...(campaign.status === 'sending' ? { status: 'sent' as const } : {}),
      finished_at: now,
      updated_at: now,
    });
    const subject = { subjectKind: 'campaign', subjectId: id };
    await recordAudit(tx, { actor: SYSTEM_ACTOR, action: 'campaign.finished', ...subject, details: counts });
    return 'finished';
  });
}
