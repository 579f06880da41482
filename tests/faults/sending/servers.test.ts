import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { withClient } from '../../support/databases.ts';
import { loseQueue } from '../../support/lose-queue.ts';
import { waitFor } from '../../support/wait-for.ts';
import { expectClaimHeld } from '../support/expect-claim.ts';
import { IN_FLIGHT } from '../support/scene.ts';
import type { Scene } from '../support/scene.ts';
import { startStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';

const WORKERS = 2;
const isOnRedis = inject('queue') === 'redis';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ readers: 200 });
});
afterAll(() => stage.close());

/** Two workers in the midst of a campaign, when it happens. */
async function expectClaimHeldAfter(
  name: string,
  mostAmbiguous: number,
  happen: (scene: Scene) => Promise<void>,
): Promise<void> {
  await expectClaimHeld(stage, {
    name,
    policy: 'hold',
    mostAmbiguous,
    plot: async (scene) => {
      await scene.sink.behave({ delayMs: 40 });
      for (let count = 0; count < WORKERS; count += 1) {
        scene.startWorker();
      }
      await scene.waitForMails(stage.readers / 4);
      await happen(scene);
    },
  });
}

it('goes on when the queue loses everything in mid-campaign', () =>
  expectClaimHeldAfter('queue emptied', 0, async ({ environment }) => {
    await loseQueue({ databaseUrl: environment['DATABASE_URL'] ?? '', redisUrl: environment['REDIS_URL'] });
  }));

it.runIf(isOnRedis)('goes on when Redis is emptied whole (FLUSHALL)', () =>
  expectClaimHeldAfter('Redis FLUSHALL', 0, async ({ environment }) => {
    const redis = new Redis(environment['REDIS_URL'] ?? '');
    await redis.flushall();
    redis.disconnect();
  }),
);

it.runIf(isOnRedis)('goes on while Redis is killed, and when it comes back empty', () =>
  expectClaimHeldAfter('Redis SIGKILL', 0, async (scene) => {
    const { length } = await scene.sink.read();
    await stage.redis?.kill('SIGKILL');
    await scene.waitForMails(length + 40);
    await stage.redis?.restart();
  }),
);

it.each(['SIGQUIT', 'SIGKILL'] as const)('goes on after PostgreSQL ended by %s and was started again', (signal) =>
  expectClaimHeldAfter(`PostgreSQL ${signal}`, WORKERS * IN_FLIGHT, async (scene) => {
    await stage.postgres.kill(signal);
    await stage.postgres.restart();
    await waitFor('the database', () => scene.look());
  }),
);

it('goes on after an administrator cut all connections of the database', () =>
  expectClaimHeldAfter('pg_terminate_backend', WORKERS * IN_FLIGHT, async () => {
    const cut = await withClient(stage.postgres.url, (client) =>
      client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname like 'scene_%'`),
    );
    expect(cut.rowCount).toBeGreaterThan(WORKERS);
  }));
