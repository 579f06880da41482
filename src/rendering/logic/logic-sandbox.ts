import { Worker } from 'node:worker_threads';
import type { LogicAnswer, LogicBatch } from './logic-batch.ts';

/** Some hundred readers take milliseconds. */
const DEADLINE_MS = 2000;
/** Node, a second file and Liquid; on a machine that has other things to do. */
const START_MS = 30_000;
const IDLE_MS = 60_000;
const MAX_HEAP_MB = 48;
const MAX_YOUNG_MB = 16;
const MAX_STACK_MB = 2;
const TICKS = 20;

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

type Reply = { readonly kind: 'ready' } | { readonly kind: 'answers'; readonly answers: readonly LogicAnswer[] };

/**
 * Where the logic of templates runs (S1): a thread without environment, arguments or keys, with little memory, one batch at a time,
 * each with a deadline. The thread starts with the first batch and ends when nothing came for a minute; it never keeps a process alive.
 */
export function createLogicSandbox(options: SandboxOptions = {}): LogicSandbox {
  let thread: Worker | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = undefined;
    await ending?.terminate();
  }

  async function run(batch: LogicBatch): Promise<readonly LogicAnswer[]> {
    clearTimeout(idle);
    try {
      if (thread === undefined) {
        thread = startThread(options.maxHeapMb ?? MAX_HEAP_MB);
        await ask(thread, undefined, START_MS);
      }
      const reply = await ask(thread, batch, options.deadlineMs ?? DEADLINE_MS);
      return reply.kind === 'answers' ? reply.answers : refuseAll(batch, 'the sandbox lost its place');
    } catch (error) {
      await end();
      return refuseAll(batch, error instanceof Error ? error.message : String(error));
    } finally {
      thread?.unref();
      idle = setTimeout(() => void end(), options.idleMs ?? IDLE_MS).unref();
    }
  }

  return {
    render: (batch) => {
      const answers = turn.then(() => run(batch));
      turn = answers;
      return answers;
    },
    close: async () => {
      await turn;
      await end();
    },
  };
}

function startThread(maxHeapMb: number): Worker {
  const thread = new Worker(new URL('logic-thread.ts', import.meta.url), {
    name: 'logic-sandbox',
    env: {},
    argv: [],
    execArgv: [],
    stdin: false,
    resourceLimits: {
      maxOldGenerationSizeMb: maxHeapMb,
      maxYoungGenerationSizeMb: MAX_YOUNG_MB,
      stackSizeMb: MAX_STACK_MB,
    },
  });
  // One that dies while nobody waits for it must not take the process along; the next batch finds that it is gone.
  thread.on('error', () => undefined);
  return thread;
}

/** Posts a batch, or waits for a thread that starts, and resolves with its next message. */
function ask(thread: Worker, batch: LogicBatch | undefined, deadlineMs: number): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const onExit = (): void => reject(new Error('the sandbox ended'));
  thread.ref();
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', onExit);
  if (batch !== undefined) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(batch);
  }
  // Ticks of our own event loop, not the clock on the wall: a process that was stopped for a minute has not waited for a minute.
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
    if (ticks === TICKS) {
      reject(new Error(`it took longer than ${deadlineMs} ms`));
    }
  }, deadlineMs / TICKS);
  return promise.finally(() => {
    clearInterval(ticking);
    thread.off('message', resolve);
    thread.off('error', reject);
    thread.off('exit', onExit);
  });
}

function refuseAll(batch: LogicBatch, message: string): readonly LogicAnswer[] {
  return batch.readers.map(() => ({ reason: 'limit', source: null, message }));
}
