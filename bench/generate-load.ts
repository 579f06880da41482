import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  /** At first, not counted in rate and percentile. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** Part of each address, so that those of two rounds differ. */
  readonly label: string;
  /** Keeps the networks of two rounds apart: 0 to 199, 0 unless it is said. */
  readonly round?: number;
  /** Paced: so many a second, whether or not the answers keep up. Otherwise each connection sends as soon as it has its answer. */
  readonly perSecond?: number;
}

export interface LoadReport {
  /** All answers 202, those of the warm-up included. */
  readonly accepted: number;
  /** How many of each other status. */
  readonly otherAnswers: Readonly<Record<string, number>>;
  readonly perSecond: number;
  readonly p99Ms: number;
}

/**
 * Puts load on a web process from a process beside it, which ends with this one.
 * @throws Error when a connection broke or anything but 202 was answered: such a rate would mean nothing.
 */
export async function generateLoad(order: LoadOrder): Promise<LoadReport> {
  const generator = fork(new URL('load-generator.ts', import.meta.url), { execArgv: [], stdio: 'inherit' });
  generator.send(order);
  const [report] = (await Promise.race([
    once(generator, 'message'),
    once(generator, 'exit').then(() => {
      throw new Error('the load generator gave up');
    }),
  ])) as [LoadReport];
  if (Object.keys(report.otherAnswers).length > 0) {
    throw new Error(`answers other than 202: ${JSON.stringify(report.otherAnswers)}`);
  }
  return report;
}
