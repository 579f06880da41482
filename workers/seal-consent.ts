import { sealConsentRecords } from '../src/consent/index.ts';
import type { JobRegistry } from '../src/platform/queue/index.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function sealConsentJob(deps: WorkerDeps): JobRegistry['seal-consent'] {
  return async () => {
    await sealConsentRecords(deps);
  };
}
