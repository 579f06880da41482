import { UnrecoverableError } from 'bullmq';
import type { Job } from 'bullmq';
import type { JobName, JobPayload } from '../../jobs/index.ts';
import { JOBS } from '../../jobs/index.ts';
import { AppError, asError } from '../../shared/app-error.ts';
import { passFailPoint } from '../../shared/fail-points.ts';
import type { Logger } from '../logging/index.ts';
import { errorCode } from '../logging/index.ts';

export interface JobContext {
  readonly log: Logger;
  /** Aborts when the process begins to drain: finish the step at hand and return. */
  readonly signal: AbortSignal;
}

/** What runs for each job. It may run twice, at the same time, or not at all. */
export type JobRegistry = {
  readonly [Name in JobName]: (payload: JobPayload<Name>, context: JobContext) => Promise<void>;
};

type QueuedJob = Pick<Job<unknown, void>, 'id' | 'name' | 'data' | 'attemptsMade' | 'opts'>;

/**
 * Runs one job and decides whether a failure is worth another try. The error that goes back to BullMQ carries only a code,
 * because the queue stores it and a message may hold personal data.
 */
export async function processJob(registry: JobRegistry, job: QueuedJob, context: JobContext): Promise<void> {
  const log = context.log.child({ job: job.name, jobId: job.id });
  try {
    // From a newer version during a rolling release: leave it to a worker that knows it.
    if (!isJobName(job.name)) {
      throw new AppError('not_found', 'job_unknown', 'No job of this name', { retryable: true });
    }
    await runProcessor(job.name, registry[job.name], job.data, { log, signal: context.signal });
    passFailPoint('job-ack');
  } catch (thrown) {
    const error = asError(thrown);
    const isFinal = error instanceof AppError && !error.retryable;
    const attempt = job.attemptsMade + 1;
    const willRetry = !isFinal && attempt < (job.opts.attempts ?? 1);
    log.warn({ code: errorCode(error), attempt, willRetry, stack: error.stack }, 'job failed');
    throw isFinal ? new UnrecoverableError(errorCode(error)) : new Error(errorCode(error));
  }
}

async function runProcessor<Name extends JobName>(
  name: Name,
  processor: JobRegistry[Name],
  data: unknown,
  context: JobContext,
): Promise<void> {
  const parsed = JOBS[name].payload.safeParse(data);
  if (!parsed.success) {
    throw new AppError('input', 'job_payload_invalid', 'The payload does not fit the contract of the job', {
      retryable: false,
      cause: parsed.error,
    });
  }
  await processor(parsed.data as JobPayload<Name>, context);
}

function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}
