import { createHostGate, pollFeed } from '../src/content/index.ts';
import type { JobRegistry } from '../src/platform/queue/index.ts';
import type { FeedId } from '../src/shared/ids.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function pollFeedJob(deps: WorkerDeps): JobRegistry['poll-feed'] {
  const gate = createHostGate();
  return async ({ feedId }, { signal }) => {
    await pollFeed(deps, feedId as FeedId, { signal, gate });
  };
}
