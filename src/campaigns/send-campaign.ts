import type { Config } from '../config/index.ts';
import { countAudience, storeCompiledMail } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import { conflict } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { requireMove } from './campaign.ts';
import type { AmbiguousPolicy, Campaign } from './campaign.ts';
import { updateCampaignRow } from './campaigns.repository.ts';
import { compileOrRefuse } from './compile-campaign.ts';
import type { CampaignText, CompileDeps } from './compile-campaign.ts';
import { requireCampaign } from './find-campaign.ts';
import { refuseMissingMergeData } from './missing-merge-data.ts';
import { moveCampaign } from './move-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';
import { planStart } from './plan-start.ts';
import type { SendTiming, StartTime } from './plan-start.ts';
import { findStartBarrier } from '../legal/index.ts';

const BY_THE_NEWSLETTERS_CLOCK: SendTiming = { localTime: false, window: null };

export interface SendDeps extends CompileDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
  readonly config: CompileDeps['config'] & Pick<Config, 'smtpIsLoopback'>;
}

/**
 * Schedules a draft. Its mail is compiled and kept now: what was shown and tested is what leaves, whatever changes until
 * then. The audience is frozen at the start.
 * @param expectedCount what the sender was shown; anything else is refused with the new count.
 * @param ambiguousPolicy instead of the campaign's own.
 * @throws AppError `campaign_not_found`, `illegal_transition`, `postal_address_missing`, `legal_sample`,
 * `audience_changed`, `merge_data_missing`, `start_in_past`, `local_time_missing`.
 */
export async function sendCampaign(
  deps: SendDeps,
  order: CampaignOrder,
  {
    expectedCount,
    start,
    ambiguousPolicy,
    timing = BY_THE_NEWSLETTERS_CLOCK,
  }: {
    readonly expectedCount: number;
    readonly start: StartTime;
    readonly ambiguousPolicy?: AmbiguousPolicy | undefined;
    readonly timing?: SendTiming | undefined;
  },
): Promise<Campaign> {
  const campaign = await requireCampaign(deps.db, order.id);
  requireMove(campaign, 'send');
  const newsletter = await requireNewsletter(deps.db, { id: campaign.newsletterId });
  const barrier = await findStartBarrier(deps, newsletter);
  if (barrier !== undefined) {
    throw conflict(barrier.code, barrier.message);
  }
  const { startAt, localAt } = await planStart(deps, newsletter, { start, timing });
  const { mail } = await compileOrRefuse(deps, campaign, newsletter);
  await refuseMissingMergeData(deps, campaign, mail.compiled);
  await moveCampaign(deps, order, 'send', 'campaign.scheduled', async (tx, locked) => {
    refuseOtherText(campaign, locked);
    const now = deps.clock.now();
    await refuseOtherAudience(tx, locked, expectedCount, now);
    await updateCampaignRow(tx, order.id, {
      status: 'scheduled',
      start_at: startAt,
      local_time: timing.localTime,
      local_at: localAt,
      send_window: timing.window,
      ambiguous_policy: ambiguousPolicy ?? locked.ambiguousPolicy,
      compiled_mail_id: await storeCompiledMail(tx, mail, now),
      updated_at: now,
    });
    return { startAt: startAt.toISOString(), localAt, ...timing, expectedCount, subject: locked.subject };
  });
  if (start.kind === 'immediately') {
    deps.doorbell.ring('start-campaign', { campaignId: order.id });
  }
  return requireCampaign(deps.db, order.id);
}

/** Somebody saved another text while this one was compiled. */
function refuseOtherText(compiled: Campaign, locked: Campaign): void {
  const parts: readonly (keyof CampaignText | 'newsletterId')[] = [
    'newsletterId',
    'subject',
    'preheader',
    'format',
    'source',
  ];
  if (parts.some((part) => compiled[part] !== locked[part])) {
    throw conflict('campaign_changed', 'The campaign was changed at this moment. Look at it again before you send it.');
  }
}

async function refuseOtherAudience(tx: Tx, campaign: Campaign, expectedCount: number, now: Date): Promise<void> {
  const count = await countAudience(tx, campaign.newsletterId, now);
  if (count !== expectedCount) {
    const message = `The audience is ${count} now, not ${expectedCount}. Confirm the new number to send.`;
    throw conflict('audience_changed', message, { details: { count } });
  }
}
