import { parentPort } from 'node:worker_threads';
import { evaluateBatch } from './evaluate-batch.ts';
import type { LogicBatch } from './logic-batch.ts';
import { createLogicEngine } from './logic-engine.ts';

/* oxlint-disable unicorn/require-post-message-target-origin -- a thread has no origin */
// The thread of logic-sandbox.ts. It knows what its messages hold and nothing else: no environment, no arguments, no keys.
const liquid = createLogicEngine();
parentPort?.on('message', (batch: LogicBatch) => {
  parentPort?.postMessage(evaluateBatch(liquid, batch));
});
parentPort?.postMessage('ready');
