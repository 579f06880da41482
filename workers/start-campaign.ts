import { startCampaign } from '../src/campaigns/index.ts';
import type { JobRegistry } from '../src/platform/queue/index.ts';
import type { CampaignId } from '../src/shared/ids.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function startCampaignJob(deps: WorkerDeps): JobRegistry['start-campaign'] {
  return async ({ campaignId }) => {
    await startCampaign(deps, campaignId as CampaignId);
  };
}
