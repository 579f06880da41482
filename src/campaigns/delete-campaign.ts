import type { Db } from '../platform/postgres/index.ts';
import { deleteCampaignRow } from './campaigns.repository.ts';
import { moveCampaign } from './move-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';
import { refuseIssue } from './update-campaign.ts';

/**
 * Deletes a draft and the record of its test mails.
 * @throws AppError `campaign_not_found`, `illegal_transition`, `issue_not_editable`.
 */
export async function deleteCampaign(deps: { readonly db: Db }, order: CampaignOrder): Promise<void> {
  await moveCampaign(deps, order, 'delete', 'campaign.deleted', async (tx, campaign) => {
    refuseIssue(campaign);
    await deleteCampaignRow(tx, order.id);
    return { subject: campaign.subject };
  });
}
