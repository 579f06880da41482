import { fork } from 'node:child_process';
import { once } from 'node:events';
import { startRedis } from '../../tests/support/redis-server.ts';
import type { BenchContext } from '../benchmark.ts';

export interface NaiveOrder {
  readonly redisUrl: string;
  readonly smtpPort: number;
  readonly mails: number;
  readonly connections: number;
  readonly bytes: number;
}

/** Mails a second of what people would otherwise write: one BullMQ job a mail, one `sendMail` through nodemailer's pool a job. No ledger. */
export async function measureNaive(context: BenchContext, order: Omit<NaiveOrder, 'redisUrl'>): Promise<number> {
  const redis = await startRedis();
  context.cleanup.defer(() => redis.stop());
  const child = fork(new URL('naive-sender.ts', import.meta.url), { execArgv: [], stdio: 'inherit' });
  context.cleanup.defer(() => {
    child.kill('SIGKILL');
  });
  child.send({ ...order, redisUrl: redis.url } satisfies NaiveOrder);
  const [perSecond] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('the sender of one job a mail gave up');
    }),
  ])) as [number];
  return perSecond;
}
