import type { JobRegistry } from '../src/platform/queue/index.ts';
import { applyRetention } from '../src/retention/index.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function applyRetentionJob(deps: WorkerDeps): JobRegistry['apply-retention'] {
  return async () => {
    await applyRetention(deps);
    deps.doorbell.ring('seal-consent', {});
  };
}
