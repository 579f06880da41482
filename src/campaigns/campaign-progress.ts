import { countDeliveries, countRecentlyAccepted } from '../deliveries/index.ts';
import type { DeliveryCounts } from '../deliveries/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Campaign } from './campaign.ts';

export interface CampaignProgress extends DeliveryCounts {
  /** Accepted per second over the last ten seconds. */
  readonly ratePerSecond: number;
  /** Null when nothing is open, or nothing moves. */
  readonly etaSeconds: number | null;
}

const RATE_WINDOW_SECONDS = 10;

/** Counted from the deliveries themselves; null while the audience is not frozen. */
export async function campaignProgress(
  deps: { readonly db: DbOrTx; readonly clock: Clock },
  campaign: Pick<Campaign, 'id' | 'status' | 'frozenAt'>,
): Promise<CampaignProgress | null> {
  if (campaign.frozenAt === null) {
    return null;
  }
  const counts = await countDeliveries(deps.db, campaign.id);
  if (campaign.status !== 'sending') {
    return { ...counts, ratePerSecond: 0, etaSeconds: null };
  }
  const now = deps.clock.now();
  const windowStart = new Date(now.getTime() - RATE_WINDOW_SECONDS * 1000);
  const recent = await countRecentlyAccepted(deps.db, campaign.id, windowStart);
  return { ...counts, ...estimate(recent, counts.open, now.getTime() - campaign.frozenAt.getTime()) };
}

/** Within the first ten seconds the rate is that of the time since the start. */
export function estimate(
  recentlyAccepted: number,
  open: number,
  sendingForMs: number,
): Pick<CampaignProgress, 'ratePerSecond' | 'etaSeconds'> {
  const windowSeconds = Math.min(RATE_WINDOW_SECONDS, Math.max(1, sendingForMs / 1000));
  const rate = recentlyAccepted / windowSeconds;
  return {
    ratePerSecond: Math.round(rate * 10) / 10,
    etaSeconds: open === 0 || rate === 0 ? null : Math.ceil(open / rate),
  };
}
