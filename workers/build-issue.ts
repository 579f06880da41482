import { buildIssue } from '../src/digests/index.ts';
import type { JobRegistry } from '../src/platform/queue/index.ts';
import type { NewsletterId } from '../src/shared/ids.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function buildIssueJob(deps: WorkerDeps): JobRegistry['build-issue'] {
  return async ({ newsletterId }) => {
    await buildIssue(deps, newsletterId as NewsletterId);
  };
}
