import { countDeliveries, readOutlook, readPace, readWorkerHealth } from '../deliveries/index.ts';
import type { DeliveryCounts, SendingOutlook } from '../deliveries/index.ts';
import { readHolds } from '../holds/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Campaign } from './campaign.ts';

/** What keeps the mails of a sending campaign from leaving, apart from the campaign itself. */
export interface Hindrance {
  readonly code: 'kill_switch' | 'release_hold' | 'no_worker' | 'relay_unreachable';
  readonly message: string;
}

export interface CampaignProgress extends DeliveryCounts, SendingOutlook {
  /** Accepted per second over the last ten seconds. */
  readonly ratePerSecond: number;
  /** For what is due now. Null when nothing is, or nothing moves. */
  readonly etaSeconds: number | null;
  readonly hindrances: readonly Hindrance[];
}

const RATE_WINDOW_SECONDS = 10;
const AT_REST = { underWay: 0, waiting: 0, nextDueAt: null, ratePerSecond: 0, etaSeconds: null, hindrances: [] };

/** The counts are one snapshot and always balance; null while the audience is not frozen. */
export async function campaignProgress(
  deps: { readonly db: DbOrTx; readonly clock: Clock },
  campaign: Pick<Campaign, 'id' | 'status' | 'frozenAt'>,
): Promise<CampaignProgress | null> {
  if (campaign.frozenAt === null) {
    return null;
  }
  const counts = await countDeliveries(deps.db, campaign.id);
  if (counts.open === 0) {
    return { ...counts, ...AT_REST };
  }
  const now = deps.clock.now();
  const outlook = await readOutlook(deps.db, campaign.id, now);
  const waiting = Math.min(outlook.waiting, counts.open);
  if (campaign.status !== 'sending') {
    return { ...counts, ...AT_REST, ...outlook, waiting };
  }
  const recent = (await readPace(deps.db, campaign.id)) * RATE_WINDOW_SECONDS;
  const pace = estimate(recent, counts.open - waiting, now.getTime() - campaign.frozenAt.getTime());
  return { ...counts, ...outlook, waiting, ...pace, hindrances: await findHindrances(deps.db) };
}

/** Within the first ten seconds the rate is that of the time since the start. */
export function estimate(
  recentlyAccepted: number,
  due: number,
  sendingForMs: number,
): Pick<CampaignProgress, 'ratePerSecond' | 'etaSeconds'> {
  const windowSeconds = Math.min(RATE_WINDOW_SECONDS, Math.max(1, sendingForMs / 1000));
  const rate = recentlyAccepted / windowSeconds;
  return {
    ratePerSecond: Math.round(rate * 10) / 10,
    etaSeconds: due === 0 || rate === 0 ? null : Math.ceil(due / rate),
  };
}

async function findHindrances(db: DbOrTx): Promise<readonly Hindrance[]> {
  const { stop, hold } = await readHolds(db);
  const { live, relayError } = await readWorkerHealth(db);
  const found: Hindrance[] = [];
  if (stop !== null) {
    found.push({ code: 'kill_switch', message: 'All sending was stopped. Let it go on with: courant sending resume' });
  }
  if (hold !== null) {
    const message = 'Campaigns and issues are held after a restore or a long stop. Let them go with: courant release';
    found.push({ code: 'release_hold', message });
  }
  if (live === 0) {
    found.push({ code: 'no_worker', message: 'No worker is running. Start one with: npm run worker' });
  }
  if (relayError !== null) {
    found.push({ code: 'relay_unreachable', message: `The relay cannot be used at the moment: ${relayError}` });
  }
  return found;
}
