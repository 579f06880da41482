import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pauseCampaign, resumeCampaign } from '../../../src/campaigns/index.ts';
import { requireSubscriberByAddress, unsubscribeSubscriber } from '../../../src/subscribers/index.ts';
import { FAIL_POINTS } from '../../../src/shared/fail-points.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { loseQueue } from '../../support/lose-queue.ts';
import { waitFor } from '../../support/wait-for.ts';
import { CLEAN } from '../support/judge.ts';
import { recordResult } from '../support/results.ts';
import { IN_FLIGHT, openScene } from '../support/scene.ts';
import type { Scene } from '../support/scene.ts';
import { createSeededChoice } from '../support/seeded-choice.ts';
import type { SeededChoice } from '../support/seeded-choice.ts';
import { chooseSeeds } from '../support/seeds.ts';
import { startStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import type { WorkerProcess } from '../support/worker-process.ts';

/** How long a mail may still come to somebody who has left: what was gated before goes out (T5). */
const LATE_MS = 5000;
const EVENTS = 4;
const NEMESES = ['kill', 'fail-point', 'sleep', 'pause', 'join', 'leave', 'unsubscribe', 'lose-queue'] as const;
type Nemesis = (typeof NEMESES)[number];

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ readers: 150 });
});
afterAll(() => stage.close());

interface Run {
  readonly scene: Scene;
  readonly choice: SeededChoice;
  readonly workers: WorkerProcess[];
  /** Address and moment. */
  readonly left: Map<string, number>;
  /** Workers that died or slept with messages on the line. */
  deaths: number;
}

it.concurrent.each(chooseSeeds())(
  'whatever seed %i does, nobody is lost, doubled or mixed up (T1-T5, T11-T13)',
  async (seed) => {
    const choice = createSeededChoice(seed);
    const policy = choice.one(['hold', 'resend']);
    const scene = await openScene(stage, policy);
    try {
      const odds = {
        'refuse-recipient': 0.05,
        'refuse-message': 0.05,
        'cut-before-dot': 0.03,
        'cut-after-dot': 0.02,
        'drop-after-dot': 0.02,
      };
      const script = { seed, odds: choice.number(2) === 0 ? {} : odds, attempts: 1, delayMs: 20 + choice.number(60) };
      await scene.sink.behave(script);
      const run: Run = { scene, choice, workers: [scene.startWorker()], left: new Map(), deaths: 0 };
      for (let event = 1; event <= EVENTS; event += 1) {
        await waitForProgress(run, (stage.readers * event) / (EVENTS + 2));
        await strike(run, choice.one(NEMESES));
      }
      await scene.sink.behave({ ...script, delayMs: 0 });
      await scene.joinLocally();
      await scene.finish();

      const judgement = await scene.judge();
      const witnesses = await scene.sink.read();
      const late = witnesses.filter(
        ({ recipient, at }) => Date.parse(at) > (run.left.get(recipient) ?? Infinity) + LATE_MS,
      );
      const cuts = Object.values(script.odds).length === 0 ? 0 : stage.readers / 4;
      expect({ ...judgement.verdict, late }).toEqual({ ...CLEAN, late: [] });
      expect(judgement.ambiguous.length).toBeLessThanOrEqual(run.deaths * IN_FLIGHT + cuts);
      expect(policy === 'hold' ? judgement.listedTwice : []).toEqual([]);
      await recordResult(`seed ${seed}, ${policy}`, judgement);
    } finally {
      await scene.close();
    }
  },
);

/** Until so many are settled. When nobody is left who works, a new one comes. */
async function waitForProgress({ scene, workers }: Run, mails: number): Promise<void> {
  await waitFor(
    `${mails} settled`,
    async () => {
      if (!workers.some(({ isRunning }) => isRunning)) {
        workers.push(scene.startWorker());
      }
      const { audience = 0, open = 0 } = (await scene.look())?.counts ?? {};
      return audience - open >= mails;
    },
    60_000,
  );
}

async function strike(run: Run, nemesis: Nemesis): Promise<void> {
  const { scene, choice, workers } = run;
  const worker = workers.find(({ isRunning }) => isRunning) ?? scene.startWorker();
  const order = { id: scene.id, actor: CLI_ACTOR };
  switch (nemesis) {
    case 'kill':
      run.deaths += 1;
      worker.signal('SIGKILL');
      await worker.exited;
      break;
    case 'fail-point':
      run.deaths += 1;
      workers.push(scene.startWorker(`${choice.one(FAIL_POINTS)}:${1 + choice.number(10)}`));
      break;
    case 'sleep':
      run.deaths += 1;
      // Whoever has no lease yet cannot lose it.
      await Promise.race([worker.ready, worker.exited]);
      worker.signal('SIGSTOP');
      workers.push(scene.startWorker());
      await waitFor('its lease to be taken', async () => !worker.isRunning || (await scene.isFenced(worker)), 30_000);
      worker.signal('SIGCONT');
      break;
    case 'pause':
      if ((await scene.look())?.status === 'sending') {
        await pauseCampaign(scene.deps, order);
        await resumeCampaign(scene.deps, order);
      }
      break;
    case 'join':
      workers.push(scene.startWorker());
      break;
    case 'leave':
      workers.push(scene.startWorker());
      await worker.stop();
      break;
    case 'unsubscribe':
      await unsubscribeSome(run);
      break;
    case 'lose-queue':
      await loseQueue({
        databaseUrl: scene.environment['DATABASE_URL'] ?? '',
        redisUrl: scene.environment['REDIS_URL'],
      });
      break;
    default:
      nemesis satisfies never;
  }
}

async function unsubscribeSome({ scene, choice, left }: Run): Promise<void> {
  const { deps } = scene;
  const { rows } = await sql<{ address: string }>`select address from subscribers order by id`.execute(deps.db);
  for (let count = 0; count < 5; count += 1) {
    const address = rows[choice.number(rows.length)]?.address ?? '';
    if (!left.has(address)) {
      const subscriber = await requireSubscriberByAddress(deps.db, address);
      await unsubscribeSubscriber(deps, subscriber, undefined, CLI_ACTOR);
      left.set(address, Date.now());
    }
  }
}
