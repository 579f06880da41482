import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAIL_POINTS } from '../../../src/shared/fail-points.ts';
import type { FailPoint } from '../../../src/shared/fail-points.ts';
import { expectClaimHeld } from '../support/expect-claim.ts';
import { IN_FLIGHT } from '../support/scene.ts';
import { startStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';

/** Which pass ends the process where not the first does: in the midst of the campaign. */
const PASSES: Partial<Readonly<Record<FailPoint, number>>> = {
  claim: 4,
  render: 30,
  connect: 3,
  mail: 30,
  rcpt: 30,
  data: 30,
  'last-block': 30,
  'dot-commit': 10,
  dot: 30,
  'reply-read': 30,
  'outcome-commit': 10,
};

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ readers: 120 });
});
afterAll(() => stage.close());

describe.each(['hold', 'resend'] as const)('under the policy %s', (policy) => {
  it.concurrent.each(FAIL_POINTS)(
    'a worker killed at %s loses nobody and mails nobody twice (T1-T4, T12, T13, T15)',
    async (point) => {
      await expectClaimHeld(stage, {
        name: `kill -9 at ${point}`,
        policy,
        mostAmbiguous: IN_FLIGHT,
        plot: async (scene) => {
          const victim = scene.startWorker(`${point}:${PASSES[point] ?? 1}`);
          expect(await victim.exited).toBe('SIGKILL');
          await scene.look();
          await scene.joinLocally();
        },
      });
    },
  );
});
