import { afterAll, beforeAll, expect, it } from 'vitest';
import { pauseCampaign, resumeCampaign } from '../../../src/campaigns/index.ts';
import { QUICK_LEASE } from '../../../src/sending/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { loseQueue } from '../../support/lose-queue.ts';
import { waitFor } from '../../support/wait-for.ts';
import { expectClaimHeld } from '../support/expect-claim.ts';
import { IN_FLIGHT } from '../support/scene.ts';
import { startStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';

/* What happened to others: docs/guarantees.md tells each story. */

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ readers: 150 });
});
afterAll(() => stage.close());

it.concurrent('listmonk #3022: whoever was fetched and not mailed when the process was killed is mailed, not skipped', async () => {
  await expectClaimHeld(stage, {
    name: 'listmonk #3022',
    policy: 'hold',
    mostAmbiguous: 0,
    plot: async (scene) => {
      // All that it had claimed is in its memory only, and not one mail has left.
      const victim = scene.startWorker('claim:1');
      expect(await victim.exited).toBe('SIGKILL');
      expect(await scene.sink.read()).toEqual([]);
      expect((await scene.look())?.counts).toMatchObject({ audience: stage.readers, open: stage.readers });
      await scene.joinLocally();
    },
  });
});

it.concurrent('listmonk #2070: after a pause the campaign goes on with the rest, and nobody who has it gets it again', async () => {
  await expectClaimHeld(stage, {
    name: 'listmonk #2070',
    policy: 'hold',
    mostAmbiguous: 0,
    plot: async (scene) => {
      await scene.sink.behave({ delayMs: 40 });
      await scene.joinLocally();
      for (const share of [0.2, 0.5]) {
        await scene.waitForMails(stage.readers * share);
        const order = { id: scene.id, actor: CLI_ACTOR };
        await pauseCampaign(scene.deps, order);
        await waitFor('the last mail under way', async () => (await scene.countDots()) === 0);
        await resumeCampaign(scene.deps, order);
      }
    },
  });
});

it.concurrent('listmonk #2168: a campaign is not finished while somebody who was refused for now waits', async () => {
  await expectClaimHeld(stage, {
    name: 'listmonk #2168',
    policy: 'hold',
    mostAmbiguous: IN_FLIGHT,
    plot: async (scene) => {
      await scene.sink.behave({ seed: 1, odds: { 'refuse-recipient': 0.5 }, attempts: 1 });
      const victim = scene.startWorker('reply-read:40');
      expect(await victim.exited).toBe('SIGKILL');
      await scene.joinLocally();
      const waiting = await waitFor(
        'only the deferred to be left',
        async () => {
          const look = await scene.look();
          return (await scene.countUndeferred()) === 0 ? look : undefined;
        },
        30_000,
      );
      expect(waiting).toMatchObject({ isFinished: false, status: 'sending' });
      expect(waiting.counts.open).toBeGreaterThan(0);
    },
  });
});

it.concurrent('Ghost PR 30409: a restart between the frozen audience and its dispatch costs nothing, even when the queue is lost', async () => {
  await expectClaimHeld(stage, {
    name: 'Ghost PR 30409',
    policy: 'hold',
    mostAmbiguous: 0,
    plot: async (scene) => {
      const victim = scene.startWorker('freeze-commit:1');
      expect(await victim.exited).toBe('SIGKILL');
      const { environment } = scene;
      await loseQueue({ databaseUrl: environment['DATABASE_URL'] ?? '', redisUrl: environment['REDIS_URL'] });
      await scene.joinLocally();
    },
  });
});

it.concurrent('SinergiaCRM #438: two senders at one campaign share it, and nobody gets it from both', async () => {
  await expectClaimHeld(stage, {
    name: 'SinergiaCRM #438',
    policy: 'hold',
    mostAmbiguous: 0,
    plot: async (scene) => {
      // Slow enough that both are at it before any reply is there.
      await scene.sink.behave({ isHolding: true });
      const senders = [scene.startWorker(), scene.startWorker()];
      await Promise.all(senders.map(({ ready }) => ready));
      await waitFor(
        'both to wait for replies',
        async () => (await scene.countDots()) === senders.length * IN_FLIGHT,
        30_000,
      );
      await scene.sink.behave({});
    },
  });
});

it.concurrent.each(['hold', 'resend'] as const)(
  'FreeScout #5457: a server that works long after the dot, longer than a client waits, gets no mail twice, policy %s',
  async (policy) => {
    await expectClaimHeld(stage, {
      name: 'FreeScout #5457',
      policy,
      mostAmbiguous: IN_FLIGHT,
      plot: async (scene) => {
        await scene.sink.behave({ isHolding: true });
        await scene.joinLocally({ ...QUICK_LEASE, smtpTimeouts: { dotMs: 1000 } });
        await waitFor(
          'the patience to end',
          async () => ((await scene.look())?.counts.ambiguous ?? 0) >= IN_FLIGHT,
          30_000,
        );
        // Nothing was sent again by itself: it would be the double.
        const dots = await scene.sink.read();
        expect(new Set(dots.map(({ recipient }) => recipient)).size).toBe(dots.length);
        await scene.sink.behave({});
      },
    });
  },
);
