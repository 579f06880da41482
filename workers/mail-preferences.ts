import type { JobRegistry } from '../src/platform/queue/index.ts';
import { mailPreferences } from '../src/preferences/index.ts';
import type { WorkerDeps } from './worker-deps.ts';

export function mailPreferencesJob(deps: WorkerDeps): JobRegistry['mail-preferences'] {
  return async () => {
    await mailPreferences(deps);
  };
}
