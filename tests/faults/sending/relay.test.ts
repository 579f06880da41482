import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUICK_LEASE } from '../../../src/sending/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { expectClaimHeld } from '../support/expect-claim.ts';
import { IN_FLIGHT } from '../support/scene.ts';
import { SINK_FAULTS } from '../support/sink-script.ts';
import type { SinkFault } from '../support/sink-script.ts';
import { startStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';

/** Of the messages that are offered for the first time. Each 421 pauses the relay for some seconds. */
const ODDS = 0.1;
const ODDS_OF_421 = 0.03;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ readers: 120 });
});
afterAll(() => stage.close());

/** Whether the sender is left in doubt. A server that cuts while the dot is on its way may do so too. */
const DOUBTS: Partial<Readonly<Record<SinkFault, 'always' | 'sometimes'>>> = {
  'cut-before-dot': 'sometimes',
  'cut-after-dot': 'always',
  'drop-after-dot': 'always',
};

describe.each(['hold', 'resend'] as const)('under the policy %s', (policy) => {
  it.concurrent.each(SINK_FAULTS)(
    'a server that does %s now and then costs nobody his mail (T1-T4, T15)',
    async (fault) => {
      const { ambiguous, listedTwice } = await expectClaimHeld(stage, {
        name: `server: ${fault}`,
        policy,
        mostAmbiguous: DOUBTS[fault] === undefined ? 0 : stage.readers / 3,
        plot: async (scene) => {
          await scene.sink.behave({
            seed: 7,
            odds: { [fault]: fault === 'say-421' ? ODDS_OF_421 : ODDS },
            attempts: 1,
          });
          await scene.joinLocally();
        },
      });
      expect(ambiguous.length).toBeGreaterThanOrEqual(policy === 'hold' && DOUBTS[fault] === 'always' ? 1 : 0);
      expect(listedTwice.length > 0).toBe(policy === 'resend' && fault === 'cut-after-dot');
    },
  );

  it.concurrent('a server whose 250 comes after our patience is over leaves doubt, not doubles (RFC 1047)', async () => {
    await expectClaimHeld(stage, {
      name: 'server: 250 after the timeout',
      policy,
      mostAmbiguous: IN_FLIGHT,
      plot: async (scene) => {
        await scene.sink.behave({ isHolding: true });
        await scene.joinLocally({ ...QUICK_LEASE, smtpTimeouts: { dotMs: 1500 } });
        await waitFor('doubt', async () => ((await scene.look())?.counts.ambiguous ?? 0) === IN_FLIGHT, 30_000);
        await scene.sink.behave({});
      },
    });
  });
});

it('a server that thinks longer than a lease lasts is waited for: the heartbeat goes on (FreeScout #5457)', async () => {
  const { listedTwice } = await expectClaimHeld(stage, {
    name: 'server: 250 after the lease',
    policy: 'resend',
    mostAmbiguous: 0,
    plot: async (scene) => {
      await scene.sink.behave({ isHolding: true });
      const owner = scene.startWorker();
      await owner.ready;
      await waitFor('messages that wait for their reply', () => scene.countDots().then((dots) => dots === IN_FLIGHT));
      await scene.joinLocally();
      const heldFrom = performance.now();
      const { leaseSeconds, graceSeconds } = QUICK_LEASE;
      await waitFor('longer than a lease', () => performance.now() - heldFrom > (leaseSeconds + graceSeconds) * 1000);
      await scene.sink.behave({});
    },
  });
  expect(listedTwice).toEqual([]);
});
