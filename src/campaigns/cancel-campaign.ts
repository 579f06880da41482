import { cancelOpenDeliveries, isInHand } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Campaign } from './campaign.ts';
import { allowLongStatements, updateCampaignRow } from './campaigns.repository.ts';
import { requireCampaign } from './find-campaign.ts';
import { moveCampaign } from './move-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';

/**
 * Ends a campaign for good. Deliveries that no worker holds are cancelled here; those that one holds are turned back at the
 * gate or, past it, still leave (a few seconds' worth). `settle-campaign` finishes it once none is open.
 * @throws AppError `campaign_not_found`, `illegal_transition`.
 */
export async function cancelCampaign(
  deps: { readonly db: Db; readonly clock: Clock; readonly doorbell: Doorbell },
  order: CampaignOrder,
): Promise<Campaign> {
  await moveCampaign(deps, order, 'cancel', 'campaign.cancelled', async (tx) => {
    const now = deps.clock.now();
    await allowLongStatements(tx);
    const cancelled = await cancelOpenDeliveries(tx, order.id, now);
    const isUnderWay = await isInHand(tx, order.id);
    await updateCampaignRow(tx, order.id, {
      status: 'cancelled',
      finished_at: isUnderWay ? null : now,
      stop_code: null,
      stop_message: null,
      updated_at: now,
    });
    return { cancelledDeliveries: cancelled };
  });
  deps.doorbell.ring('settle-campaign', { campaignId: order.id });
  return requireCampaign(deps.db, order.id);
}
