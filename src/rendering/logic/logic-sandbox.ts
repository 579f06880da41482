import { createGuardedThread } from '../../platform/threads/index.ts';
import type { LogicAnswer, LogicBatch } from './logic-batch.ts';

/** Some hundred readers take milliseconds. */
const DEADLINE_MS = 2000;
const MAX_HEAP_MB = 48;

export interface LogicSandbox {
  /**
   * Evaluates the sources for each reader, in a thread of its own. When time or memory run out the thread is ended, the next batch
   * gets a fresh one, and every reader of this batch fails with `limit`.
   */
  render(batch: LogicBatch): Promise<readonly LogicAnswer[]>;
  close(): Promise<void>;
}

interface SandboxOptions {
  readonly deadlineMs?: number;
  readonly idleMs?: number;
  readonly maxHeapMb?: number;
}

/** Where the logic of templates runs (S1): a guarded thread that knows its batch and nothing else. */
export function createLogicSandbox(options: SandboxOptions = {}): LogicSandbox {
  const thread = createGuardedThread<LogicBatch, readonly LogicAnswer[]>({
    file: new URL('logic-thread.ts', import.meta.url),
    name: 'logic-sandbox',
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    maxHeapMb: options.maxHeapMb ?? MAX_HEAP_MB,
    idleMs: options.idleMs,
  });
  return {
    render: async (batch) => {
      try {
        return await thread.ask(batch);
      } catch (error) {
        return refuseAll(batch, error instanceof Error ? error.message : String(error));
      }
    },
    close: () => thread.close(),
  };
}

function refuseAll(batch: LogicBatch, message: string): readonly LogicAnswer[] {
  return batch.readers.map(() => ({ reason: 'limit', source: null, message }));
}
