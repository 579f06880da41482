import { listDueCampaigns, listUnfinishedCancellations } from '../src/campaigns/index.ts';
import { hasNewRecords } from '../src/consent/index.ts';
import { listDueLanes, listSettledCampaigns } from '../src/deliveries/index.ts';
import { listDueNewsletters } from '../src/digests/index.ts';
import { isDatabaseUnavailable } from '../src/platform/postgres/index.ts';
import type { WorkerDeps } from './worker-deps.ts';

const EVERY_MS = 1000;

/**
 * Rings on the second for what is due at a moment that people see, campaigns and issues, and for consent records to be sealed:
 * what is not sealed yet is not proven. A job rings in one worker; that deliveries are due each of them sees here, so that all share a
 * campaign. A few index look-ups; the sweep does the same each minute for everything.
 */
export function startDueWatch(deps: Pick<WorkerDeps, 'db' | 'clock' | 'doorbell' | 'log' | 'engine'>): {
  stop(): void;
} {
  let isLooking = false;

  async function look(): Promise<void> {
    const now = deps.clock.now();
    for (const campaignId of await listDueCampaigns(deps.db, now)) {
      deps.doorbell.ring('start-campaign', { campaignId });
    }
    for (const newsletterId of await listDueNewsletters(deps.db, now)) {
      deps.doorbell.ring('build-issue', { newsletterId });
    }
    for (const lane of await listDueLanes(deps.db, now)) {
      deps.engine.wake(lane);
    }
    for (const campaignId of [
      ...(await listSettledCampaigns(deps.db)),
      ...(await listUnfinishedCancellations(deps.db)),
    ]) {
      deps.doorbell.ring('settle-campaign', { campaignId });
    }
    if (await hasNewRecords(deps.db)) {
      deps.doorbell.ring('seal-consent', {});
    }
  }

  const timer = setInterval(() => {
    if (isLooking) {
      return;
    }
    isLooking = true;
    look()
      .catch((error: unknown) => {
        deps.log[isDatabaseUnavailable(error) ? 'debug' : 'error']({ err: error }, 'could not look for what is due');
      })
      .finally(() => {
        isLooking = false;
      });
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
