import { watchIssues } from '../src/issue-alerts/index.ts';
import type { JobRegistry } from '../src/platform/queue/index.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function watchIssuesJob(deps: WorkerDeps): JobRegistry['watch-issues'] {
  return async () => {
    await watchIssues(deps);
  };
}
