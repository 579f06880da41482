import type { SendingLane } from '../src/jobs/index.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** Only rings: the engine goes on by itself as long as rows are due, long after this job is done. */
export function sendLaneJob(deps: WorkerDeps, lane: SendingLane): () => Promise<void> {
  return () => {
    deps.engine.wake(lane);
    return Promise.resolve();
  };
}
