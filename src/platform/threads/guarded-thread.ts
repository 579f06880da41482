import { Worker } from 'node:worker_threads';

/** Node, a second file and its libraries; on a machine that has other things to do. */
const START_MS = 30_000;
const IDLE_MS = 60_000;
const MAX_STACK_MB = 2;
const MAX_YOUNG_MB = 16;
const TICKS = 20;

export interface GuardedThread<Request, Reply> {
  /**
   * Hands a request to the thread and resolves with its reply. Rejects when time or memory run out or the thread fails; then
   * the thread is ended and the next request gets a fresh one.
   */
  ask(request: Request): Promise<Reply>;
  close(): Promise<void>;
}

interface ThreadOptions {
  readonly file: URL;
  readonly name: string;
  readonly deadlineMs: number;
  readonly maxHeapMb: number;
  readonly idleMs?: number | undefined;
}

/**
 * A thread for work on what strangers wrote: without environment, arguments or keys, with little memory, one request at a
 * time, each with a deadline. It starts with the first request and ends when nothing came for a minute; it never keeps a
 * process alive. Its file posts one message when it is ready, then one per request.
 */
export function createGuardedThread<Request, Reply>(options: ThreadOptions): GuardedThread<Request, Reply> {
  let thread: Worker | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = undefined;
    await ending?.terminate();
  }

  async function run(request: Request): Promise<Reply> {
    clearTimeout(idle);
    try {
      if (thread === undefined) {
        thread = startThread(options);
        await nextMessage(thread, START_MS);
      }
      const reply = nextMessage<Reply>(thread, options.deadlineMs);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage(request);
      return await reply;
    } catch (error) {
      await end();
      throw error;
    } finally {
      thread?.unref();
      idle = setTimeout(() => void end(), options.idleMs ?? IDLE_MS).unref();
    }
  }

  return {
    ask: (request) => {
      const reply = turn.then(() => run(request));
      turn = reply.catch(() => undefined);
      return reply;
    },
    close: async () => {
      await turn;
      await end();
    },
  };
}

function startThread({ file, name, maxHeapMb }: ThreadOptions): Worker {
  const thread = new Worker(file, {
    name,
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
  // One that dies while nobody waits for it must not take the process along; the next request finds that it is gone.
  thread.on('error', () => undefined);
  return thread;
}

function nextMessage<Reply>(thread: Worker, deadlineMs: number): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const onExit = (): void => reject(new Error('the thread ended'));
  thread.ref();
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', onExit);
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
