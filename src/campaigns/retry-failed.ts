import { GIVE_UP_HOURS, countRetryable, planFailedAgain } from '../deliveries/index.ts';
import type { RetryScope } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { conflict } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { Campaign } from './campaign.ts';
import { allowLongStatements, updateCampaignRow } from './campaigns.repository.ts';
import { requireCampaign } from './find-campaign.ts';
import { restartWindow } from './halt-window.repository.ts';
import { moveCampaign } from './move-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';
import { ringLane } from './pause-campaign.ts';

interface Deps {
  readonly db: Db;
  readonly clock: Clock;
}

/**
 * Sends a campaign once more to those whose mail failed, as a new attempt with its own time to give up. A campaign that was sent is sending
 * again; one that is paused stays so. Whom the gate would turn away is left alone, a closed address for one.
 * @throws AppError `campaign_not_found`, `illegal_transition`, `nothing_to_retry`: then nothing is changed.
 */
export async function retryFailed(
  deps: Deps & { readonly doorbell: Doorbell },
  order: CampaignOrder,
  scope: RetryScope,
): Promise<{ readonly campaign: Campaign; readonly retried: number }> {
  let retried = 0;
  const { kind } = await moveCampaign(deps, order, 'retry', 'campaign.retried', async (tx, campaign) => {
    const now = deps.clock.now();
    await allowLongStatements(tx);
    const giveUpAt = new Date(now.getTime() + GIVE_UP_HOURS[campaign.kind] * 3_600_000);
    retried = await planFailedAgain(tx, { campaignId: order.id, scope, now, giveUpAt });
    if (retried === 0) {
      throw conflict('nothing_to_retry', 'No mail of this campaign failed that could be sent again.');
    }
    await updateCampaignRow(tx, order.id, { ...reopened(campaign), updated_at: now });
    // Its outcomes are fewer by those now, so that their numbers mean nothing any more.
    await restartWindow(tx, order.id);
    return { scope, retried };
  });
  ringLane(deps.doorbell, kind);
  return { campaign: await requireCampaign(deps.db, order.id), retried };
}

/** How many a retry would mail now. */
export function countFailed(deps: Deps, campaignId: CampaignId, scope: RetryScope): Promise<number> {
  return countRetryable(deps.db, { campaignId, scope, now: deps.clock.now() });
}

/** A campaign with open deliveries is not sent. */
export function reopened({ status }: Campaign): { readonly status?: 'sending'; readonly finished_at?: null } {
  return status === 'sent' ? { status: 'sending', finished_at: null } : {};
}
