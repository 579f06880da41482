import { asError } from '../src/shared/app-error.ts';
import type { Logger } from '../src/platform/logging/index.ts';
import { errorCode } from '../src/platform/logging/index.ts';
import type { QueueProducer } from '../src/platform/queue/index.ts';

export interface Clockwork {
  stop(): void;
}

export interface ScheduleOptions {
  /** How often the sweep is rung. */
  readonly sweepEveryMs?: number;
  /** How often the schedule is renewed. */
  readonly renewEveryMs?: number;
}

/**
 * Rings `sweep` each minute through one job scheduler that all workers share. Each worker makes it at start and renews it
 * every two minutes, so that it comes back after the queue lost everything (FLUSHALL, a lost Redis, a restored backup).
 */
export function startSchedule(
  deps: { readonly producer: Pick<QueueProducer, 'repeat'>; readonly log: Logger },
  { sweepEveryMs = 60_000, renewEveryMs = 120_000 }: ScheduleOptions = {},
): Clockwork {
  const retryMs = Math.min(5000, renewEveryMs);
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function renew(): Promise<void> {
    let nextMs = renewEveryMs;
    try {
      await deps.producer.repeat('clock', sweepEveryMs, 'sweep', {});
    } catch (error) {
      deps.log.debug({ code: errorCode(asError(error)) }, 'the schedule could not be renewed');
      nextMs = retryMs;
    }
    if (!isStopped) {
      timer = setTimeout(() => void renew(), nextMs);
      timer.unref();
    }
  }

  void renew();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
