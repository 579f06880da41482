import { settleCampaign } from '../src/campaigns/index.ts';
import type { JobRegistry } from '../src/platform/queue/index.ts';
import type { CampaignId } from '../src/shared/ids.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function settleCampaignJob(deps: WorkerDeps): JobRegistry['settle-campaign'] {
  return async ({ campaignId }) => {
    await settleCampaign(deps, campaignId as CampaignId);
  };
}
