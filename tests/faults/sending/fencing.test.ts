import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCampaign } from '../../../src/campaigns/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { expectClaimHeld } from '../support/expect-claim.ts';
import { IN_FLIGHT } from '../support/scene.ts';
import { startStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ readers: 200 });
});
afterAll(() => stage.close());

it.concurrent.each(['hold', 'resend'] as const)(
  'a worker that slept longer than its lease and wakes up mails nobody twice, policy %s (T2)',
  async (policy) => {
    await expectClaimHeld(stage, {
      name: 'SIGSTOP past the lease',
      policy,
      mostAmbiguous: IN_FLIGHT,
      plot: async (scene) => {
        await scene.sink.behave({ delayMs: 40 });
        const sleeper = scene.startWorker();
        await scene.waitForMails(stage.readers / 4);
        sleeper.signal('SIGSTOP');
        await scene.joinLocally();
        await waitFor('its lease to be taken', () => scene.isFenced(sleeper), 30_000);
        const { length } = await scene.sink.read();
        await scene.waitForMails(Math.min(length + 20, stage.readers - 2 * IN_FLIGHT));
        sleeper.signal('SIGCONT');
      },
    });
  },
);

it.concurrent('a campaign that is begun by several at once is frozen once (T8)', async () => {
  await expectClaimHeld(stage, {
    name: 'two schedulers',
    policy: 'hold',
    mostAmbiguous: 0,
    plot: async (scene) => {
      const workers = [scene.startWorker(), scene.startWorker()];
      const begun = await Promise.all([1, 2, 3].map(() => startCampaign(scene.deps, scene.id)));
      expect(begun.filter(({ kind }) => kind === 'started').length).toBeLessThanOrEqual(1);
      await Promise.all(workers.map(({ ready }) => ready));
      const { rows } = await sql<{ count: number }>`
        select count(*) as count from audit_log where action = 'campaign.started'`.execute(scene.deps.db);
      await waitFor('the start', async () => (await scene.look())?.counts.audience === stage.readers);
      expect(rows[0]?.count ?? 0).toBeLessThanOrEqual(1);
    },
  });
});

it.concurrent('workers that come and go under load leave nobody in doubt: SIGTERM waits for replies', async () => {
  await expectClaimHeld(stage, {
    name: 'rolling restart',
    policy: 'hold',
    mostAmbiguous: 0,
    plot: async (scene) => {
      await scene.sink.behave({ delayMs: 60 });
      let old = scene.startWorker();
      for (const share of [0.2, 0.4, 0.6]) {
        await scene.waitForMails(stage.readers * share);
        const young = scene.startWorker();
        await young.ready;
        await old.stop();
        expect(await old.exited).toBeNull();
        old = young;
      }
    },
  });
});
