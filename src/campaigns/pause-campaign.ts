import { LANE_OF_KIND } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Campaign, CampaignKind } from './campaign.ts';
import { updateCampaignRow } from './campaigns.repository.ts';
import { requireCampaign } from './find-campaign.ts';
import { restartWindow } from './halt-window.repository.ts';
import { moveCampaign } from './move-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';

interface Deps {
  readonly db: Db;
  readonly clock: Clock;
}

/**
 * No delivery is claimed from now on; what a worker holds it gives back at its next look at the gate (3 s).
 * @throws AppError `campaign_not_found`, `illegal_transition`.
 */
export async function pauseCampaign(deps: Deps, order: CampaignOrder): Promise<Campaign> {
  await moveCampaign(deps, order, 'pause', 'campaign.paused', async (tx) => {
    await updateCampaignRow(tx, order.id, { status: 'paused', updated_at: deps.clock.now() });
    return {};
  });
  return requireCampaign(deps.db, order.id);
}

/**
 * Whoever resumes what halted itself has read why: what was counted until then counts no more.
 * @throws AppError `campaign_not_found`, `illegal_transition`.
 */
export async function resumeCampaign(
  deps: Deps & { readonly doorbell: Doorbell },
  order: CampaignOrder,
): Promise<Campaign> {
  const { kind } = await moveCampaign(deps, order, 'resume', 'campaign.resumed', async (tx) => {
    const now = deps.clock.now();
    await updateCampaignRow(tx, order.id, { status: 'sending', stop_code: null, stop_message: null, updated_at: now });
    await restartWindow(tx, order.id);
    return {};
  });
  ringLane(deps.doorbell, kind);
  // Its last deliveries may have been settled during the pause.
  deps.doorbell.ring('settle-campaign', { campaignId: order.id });
  return requireCampaign(deps.db, order.id);
}

export function ringLane(doorbell: Doorbell, kind: CampaignKind): void {
  doorbell.ring(LANE_OF_KIND[kind] === 'digests' ? 'send-digests' : 'send-campaigns', {});
}
