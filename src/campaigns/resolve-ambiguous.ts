import { GIVE_UP_HOURS, planAmbiguousAgain, settleAmbiguous } from '../deliveries/index.ts';
import type { Recipient } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import { conflict } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { DeliveryId } from '../shared/ids.ts';
import type { Campaign } from './campaign.ts';
import { allowLongStatements, updateCampaignRow } from './campaigns.repository.ts';
import { requireCampaign } from './find-campaign.ts';
import { moveCampaign } from './move-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';
import { ringLane } from './pause-campaign.ts';
import { allRecipients } from './recipients.ts';
import { reopened } from './retry-failed.ts';

/** `accepted` and `rejected`: somebody looked into the relay's log. `resend`: once more, at the risk that it arrives twice. */
export const RESOLUTIONS = ['accepted', 'rejected', 'resend'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** Which of the ambiguous are meant. */
export type AmbiguousChoice =
  | { readonly kind: 'all' }
  | { readonly kind: 'deliveries'; readonly ids: readonly DeliveryId[] }
  | { readonly kind: 'addresses'; readonly addresses: readonly ParsedAddress[] };

/**
 * Decides about mails whose fate nobody knows. All that were chosen, or none.
 * @throws AppError `campaign_not_found`, `illegal_transition`, `nothing_ambiguous`, `not_ambiguous`; `campaign_cancelled` for a resend.
 */
export async function resolveAmbiguous(
  deps: { readonly db: Db; readonly clock: Clock; readonly doorbell: Doorbell },
  order: CampaignOrder,
  { resolution, choice }: { readonly resolution: Resolution; readonly choice: AmbiguousChoice },
): Promise<{ readonly campaign: Campaign; readonly resolved: number }> {
  let resolved = 0;
  const { kind } = await moveCampaign(deps, order, 'resolve', 'campaign.resolved', async (tx, campaign) => {
    await allowLongStatements(tx);
    const ids = await chooseAmbiguous(tx, campaign, choice);
    resolved = await applyResolution(tx, campaign, { resolution, ids, now: deps.clock.now() });
    return { resolution, resolved };
  });
  if (resolution === 'resend') {
    ringLane(deps.doorbell, kind);
  } else {
    // Under the policy `resend` it may have waited for nothing but these.
    deps.doorbell.ring('settle-campaign', { campaignId: order.id });
  }
  return { campaign: await requireCampaign(deps.db, order.id), resolved };
}

async function applyResolution(
  tx: Tx,
  campaign: Campaign,
  {
    resolution,
    ids,
    now,
  }: { readonly resolution: Resolution; readonly ids: readonly DeliveryId[]; readonly now: Date },
): Promise<number> {
  if (resolution !== 'resend') {
    return (await settleAmbiguous(tx, { ids, evidence: resolution, source: 'by_hand', now })).length;
  }
  if (campaign.status === 'cancelled') {
    throw conflict('campaign_cancelled', 'The campaign was cancelled; none of its mails is sent any more.');
  }
  const giveUpAt = new Date(now.getTime() + GIVE_UP_HOURS[campaign.kind] * 3_600_000);
  await updateCampaignRow(tx, campaign.id, { ...reopened(campaign), updated_at: now });
  return planAmbiguousAgain(tx, { campaignId: campaign.id, ids, now, giveUpAt });
}

async function chooseAmbiguous(tx: Tx, campaign: Campaign, choice: AmbiguousChoice): Promise<readonly DeliveryId[]> {
  const ambiguous: Recipient[] = [];
  for await (const page of allRecipients(tx, campaign.id, 'ambiguous')) {
    ambiguous.push(...page);
  }
  if (ambiguous.length === 0) {
    throw conflict('nothing_ambiguous', 'No mail of this campaign is ambiguous, or not any more.');
  }
  const { chosen, missing } = select(ambiguous, choice);
  if (missing > 0) {
    const message = `${missing} of those that were named ${missing === 1 ? 'is' : 'are'} not ambiguous, or not any more. Nothing was changed.`;
    throw conflict('not_ambiguous', message, { details: { count: missing } });
  }
  return chosen.map(({ deliveryId }) => deliveryId);
}

function select(
  ambiguous: readonly Recipient[],
  choice: AmbiguousChoice,
): { readonly chosen: readonly Recipient[]; readonly missing: number } {
  switch (choice.kind) {
    case 'all':
      return { chosen: ambiguous, missing: 0 };
    case 'deliveries': {
      const ids = new Set(choice.ids);
      const chosen = ambiguous.filter(({ deliveryId }) => ids.has(deliveryId));
      return { chosen, missing: ids.size - chosen.length };
    }
    case 'addresses': {
      const keys = new Set(choice.addresses.map(({ key }) => key));
      const byKey = new Map(ambiguous.map((mail) => [parseEmailAddress(mail.address)?.key, mail]));
      const chosen = [...keys].flatMap((key) => byKey.get(key) ?? []);
      return { chosen, missing: keys.size - chosen.length };
    }
    default:
      return choice satisfies never;
  }
}
