import { setTimeout as delay } from 'node:timers/promises';
import type { Campaign } from '../campaigns/index.ts';
import type { Deps } from '../compose.ts';
import type { CampaignId } from '../shared/ids.ts';
import { describeProgress } from './describe-campaign.ts';
import { drawProgress } from './draw-progress.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

const EVERY_MS = 1000;
const MOVING: ReadonlySet<Campaign['status']> = new Set(['scheduled', 'sending']);

/** Returns when nothing moves any more: sent, cancelled, paused, or a draft. A line a second at most, only if it is news. */
export async function watchCampaign(
  deps: Deps,
  io: { readonly terminal: Terminal; readonly output: Output },
  id: CampaignId,
): Promise<void> {
  const { campaignProgress, requireCampaign } = await import('../campaigns/index.ts');
  let shown = '';
  for (;;) {
    const campaign = await requireCampaign(deps.db, id);
    if (!MOVING.has(campaign.status)) {
      return;
    }
    const progress = await campaignProgress(deps, campaign);
    const line =
      progress === null ? describeStart(campaign, deps.clock.now()) : drawProgress(progress, io.terminal.columns);
    if (io.terminal.canRedraw) {
      io.terminal.redraw(line);
    } else if (line !== shown) {
      io.output.note(progress === null ? line : describeProgress(progress));
    }
    shown = line;
    await delay(EVERY_MS);
  }
}

function describeStart(campaign: Campaign, now: Date): string {
  if (campaign.stopCode !== null) {
    return `stopped: ${campaign.stopCode}: ${campaign.stopMessage ?? ''}`;
  }
  const seconds = Math.ceil(((campaign.startAt?.getTime() ?? 0) - now.getTime()) / 1000);
  return seconds > 0 ? `starts at ${campaign.startAt?.toISOString() ?? ''}` : 'waits for a worker';
}
