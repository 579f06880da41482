import type { JobRegistry } from '../src/platform/queue/index.ts';
import { decideSignups } from '../src/subscriptions/index.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function decideSignupsJob(deps: WorkerDeps): JobRegistry['decide-signups'] {
  return async () => {
    await decideSignups(deps);
    deps.doorbell.ring('seal-consent', {});
  };
}
