import { recordAudit } from '../audit/index.ts';
import type { AuditEntry } from '../audit/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { CampaignId } from '../shared/ids.ts';
import { requireMove } from './campaign.ts';
import type { Campaign } from './campaign.ts';
import { lockCampaign } from './campaigns.repository.ts';
import { campaignNotFound } from './find-campaign.ts';

export interface CampaignOrder {
  readonly id: CampaignId;
  readonly actor: Actor;
}

/**
 * One move of the state machine in one transaction: the row is locked, the move is checked against what it is now, `change`
 * makes it, and the audit log says so. What `change` returns goes into the log as details.
 * @throws AppError `campaign_not_found`, `illegal_transition`.
 */
export async function moveCampaign(
  deps: { readonly db: Db },
  order: CampaignOrder,
  move: Parameters<typeof requireMove>[1],
  action: string,
  change: (tx: Tx, campaign: Campaign) => Promise<AuditEntry['details']>,
): Promise<Campaign> {
  return deps.db.transaction().execute(async (tx) => {
    const campaign = await lockCampaign(tx, order.id);
    if (campaign === undefined) {
      throw campaignNotFound();
    }
    requireMove(campaign, move);
    const details = await change(tx, campaign);
    const { actor, id } = order;
    await recordAudit(tx, { actor, action, subjectKind: 'campaign', subjectId: id, ...(details && { details }) });
    return campaign;
  });
}
