import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { conflict } from '../shared/app-error.ts';
import type { Campaign } from './campaign.ts';
import { updateCampaignRow } from './campaigns.repository.ts';
import { requireCampaign } from './find-campaign.ts';
import { moveCampaign } from './move-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';

/**
 * Takes a scheduled campaign back to a draft. Too late once its audience is frozen: then it is sending.
 * @throws AppError `campaign_not_found`, `illegal_transition`, `issue_not_editable`.
 */
export async function undoSend(
  deps: { readonly db: Db; readonly clock: Clock },
  order: CampaignOrder,
): Promise<Campaign> {
  await moveCampaign(deps, order, 'undo', 'campaign.unscheduled', async (tx, { kind }) => {
    if (kind === 'issue') {
      throw conflict('issue_not_editable', 'This is an issue made from articles: take its approval back instead.');
    }
    await updateCampaignRow(tx, order.id, {
      status: 'draft',
      start_at: null,
      local_time: false,
      local_at: null,
      send_window: null,
      compiled_mail_id: null,
      stop_code: null,
      stop_message: null,
      updated_at: deps.clock.now(),
    });
    return {};
  });
  return requireCampaign(deps.db, order.id);
}
