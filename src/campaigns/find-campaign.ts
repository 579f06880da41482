import type { DbOrTx } from '../platform/postgres/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { Campaign } from './campaign.ts';
import { selectCampaign } from './campaigns.repository.ts';

export function campaignNotFound(): AppError {
  return notFound('campaign_not_found', 'There is no such campaign.');
}

/** @throws AppError `campaign_not_found`. */
export async function requireCampaign(db: DbOrTx, id: CampaignId): Promise<Campaign> {
  const campaign = await selectCampaign(db, id);
  if (campaign === undefined) {
    throw campaignNotFound();
  }
  return campaign;
}
