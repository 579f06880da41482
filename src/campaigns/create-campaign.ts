import { recordAudit } from '../audit/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { MailProblem } from '../rendering/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { Campaign } from './campaign.ts';
import type { NewCampaign } from './campaign-input.ts';
import { insertCampaign } from './campaigns.repository.ts';
import { compileOrRefuse } from './compile-campaign.ts';
import type { CompileDeps } from './compile-campaign.ts';
import { requireCampaign } from './find-campaign.ts';

/**
 * Stores a draft, if its mail can be made. `warnings` are worth telling the author.
 * @throws AppError `newsletter_not_found`; `mjml_invalid`, `merge_field_unknown` ... with fields that name the lines.
 */
export async function createCampaign(
  deps: CompileDeps & { readonly db: Db; readonly clock: Clock },
  input: NewCampaign,
  actor: Actor,
): Promise<{ readonly campaign: Campaign; readonly warnings: readonly MailProblem[] }> {
  const { newsletter: key, ambiguousPolicy = 'hold', ...text } = input;
  const newsletter = await requireNewsletter(deps.db, key);
  const { warnings } = await compileOrRefuse(deps, text, newsletter);
  const now = deps.clock.now();
  const id = await deps.db.transaction().execute(async (tx): Promise<CampaignId> => {
    const campaignId = await insertCampaign(tx, {
      kind: 'campaign',
      newsletter_id: newsletter.id,
      subject: text.subject,
      preheader: text.preheader,
      source_format: text.format,
      source: text.source,
      status: 'draft',
      ambiguous_policy: ambiguousPolicy,
      created_by: actor.label,
      created_at: now,
      updated_at: now,
    });
    await recordAudit(tx, { actor, action: 'campaign.created', subjectKind: 'campaign', subjectId: campaignId });
    return campaignId;
  });
  return { campaign: await requireCampaign(deps.db, id), warnings };
}
