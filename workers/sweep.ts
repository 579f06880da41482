import { haltBouncingCampaigns, listDueCampaigns, listUnfinishedCancellations } from '../src/campaigns/index.ts';
import { healPolls, listDueFeeds } from '../src/content/index.ts';
import { listSettledCampaigns, rescueDeliveries } from '../src/deliveries/index.ts';
import { decideWaitingIssues, healClocks, listDueNewsletters } from '../src/digests/index.ts';
import { SENDING_LANES } from '../src/jobs/index.ts';
import { forgetOldUse } from '../src/limits/index.ts';
import type { JobRegistry } from '../src/platform/queue/index.ts';
import { deleteOldPreferenceRows, hasWaitingPreferenceMails } from '../src/preferences/index.ts';
import { forgetSignupLimits } from '../src/signup-guard/index.ts';
import { expireRequests, hasWaitingSignups } from '../src/subscriptions/index.ts';
import { recordForgottenConfirmations } from '../src/sending/index.ts';
import { passFailPoint } from '../src/shared/fail-points.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** Feeds rung for in one sweep; the rest waits a minute. A feed whose job still waits is not queued again. */
const FEEDS_AT_ONCE = 10_000;

/**
 * Rings for whatever rows say is due, so that a job that was lost, or a queue that was emptied, costs a minute and nothing
 * else. Rings too often rather than too seldom: every job looks at its rows again.
 */
export function sweepJob(deps: WorkerDeps): JobRegistry['sweep'] {
  return async () => {
    const { db, doorbell } = deps;
    const now = deps.clock.now();
    await rescueDeliveries(db);
    await haltBouncingCampaigns(deps);
    await recordForgottenConfirmations(deps);
    await forgetSignupLimits(db, now);
    await forgetOldUse(db, now);
    await expireRequests(db, now);
    if (await hasWaitingSignups(db, now)) {
      doorbell.ring('decide-signups', {});
    }
    await deleteOldPreferenceRows(db, now);
    if (await hasWaitingPreferenceMails(db)) {
      doorbell.ring('mail-preferences', {});
    }
    for (const campaignId of await listDueCampaigns(db, now)) {
      doorbell.ring('start-campaign', { campaignId });
    }
    passFailPoint('sweep');
    for (const campaignId of [...(await listSettledCampaigns(db)), ...(await listUnfinishedCancellations(db))]) {
      doorbell.ring('settle-campaign', { campaignId });
    }
    await healClocks(deps);
    await healPolls(db, now);
    await decideWaitingIssues(deps);
    for (const newsletterId of await listDueNewsletters(db, now)) {
      doorbell.ring('build-issue', { newsletterId });
    }
    for (const feedId of await listDueFeeds(db, now, FEEDS_AT_ONCE)) {
      doorbell.ring('poll-feed', { feedId });
    }
    for (const lane of SENDING_LANES) {
      deps.engine.wake(lane);
    }
    doorbell.ring('watch-issues', {});
    doorbell.ring('seal-consent', {});
    // Looks itself whether a day has passed.
    doorbell.ring('apply-retention', {});
  };
}
