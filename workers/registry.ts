import type { JobRegistry } from '../src/platform/queue/index.ts';
import { watchIssuesJob } from './watch-issues.ts';
import type { WorkerDeps } from './worker-deps.ts';
import { applyRetentionJob } from './apply-retention.ts';
import { buildIssueJob } from './build-issue.ts';
import { decideSignupsJob } from './decide-signups.ts';
import { mailPreferencesJob } from './mail-preferences.ts';
import { pollFeedJob } from './poll-feed.ts';
import { sealConsentJob } from './seal-consent.ts';
import { sendLaneJob } from './send-lane.ts';
import { settleCampaignJob } from './settle-campaign.ts';
import { startCampaignJob } from './start-campaign.ts';
import { sweepJob } from './sweep.ts';

/** Every job and what runs for it. Complete by type; checked once more at start. */
export function createRegistry(deps: WorkerDeps): JobRegistry {
  return {
    'decide-signups': decideSignupsJob(deps),
    'mail-preferences': mailPreferencesJob(deps),
    'send-transactional': sendLaneJob(deps, 'transactional'),
    'send-campaigns': sendLaneJob(deps, 'campaigns'),
    'send-digests': sendLaneJob(deps, 'digests'),
    'start-campaign': startCampaignJob(deps),
    'build-issue': buildIssueJob(deps),
    'poll-feed': pollFeedJob(deps),
    'settle-campaign': settleCampaignJob(deps),
    'watch-issues': watchIssuesJob(deps),
    'seal-consent': sealConsentJob(deps),
    'apply-retention': applyRetentionJob(deps),
    sweep: sweepJob(deps),
  };
}
