import { requireNewsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { conflict } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { requireMove } from './campaign.ts';
import type { Campaign } from './campaign.ts';
import type { CampaignChanges } from './campaign-input.ts';
import { updateCampaignRow } from './campaigns.repository.ts';
import { compileOrRefuse } from './compile-campaign.ts';
import type { CompileDeps } from './compile-campaign.ts';
import { requireCampaign } from './find-campaign.ts';
import { moveCampaign } from './move-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';

/**
 * Changes a draft, if its mail can still be made.
 * @throws AppError `campaign_not_found`, `illegal_transition`, `issue_not_editable`, and what `createCampaign` throws.
 */
export async function updateCampaign(
  deps: CompileDeps & { readonly db: Db; readonly clock: Clock },
  order: CampaignOrder,
  changes: CampaignChanges,
): Promise<Campaign> {
  const before = await requireCampaign(deps.db, order.id);
  requireMove(before, 'update');
  refuseIssue(before);
  const text = {
    subject: changes.subject ?? before.subject,
    preheader: changes.preheader === undefined ? before.preheader : changes.preheader,
    format: changes.format ?? before.format,
    source: changes.source ?? before.source,
  };
  const newsletter = await requireNewsletter(deps.db, { id: changes.newsletterId ?? before.newsletterId });
  await compileOrRefuse(deps, text, newsletter);
  await moveCampaign(deps, order, 'update', 'campaign.updated', async (tx) => {
    await updateCampaignRow(tx, order.id, {
      newsletter_id: newsletter.id,
      subject: text.subject,
      preheader: text.preheader,
      source_format: text.format,
      source: text.source,
      ambiguous_policy: changes.ambiguousPolicy ?? before.ambiguousPolicy,
      updated_at: deps.clock.now(),
    });
    return { fields: Object.keys(changes) };
  });
  return requireCampaign(deps.db, order.id);
}

/** An issue's text is what readers also find in the archive, and its number is taken. */
export function refuseIssue(campaign: Campaign): void {
  if (campaign.kind === 'issue') {
    throw conflict('issue_not_editable', 'This is an issue made from articles; it can be sent or cancelled only.');
  }
}
