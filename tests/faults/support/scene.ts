import { sql } from 'kysely';
import { createCampaign, sendCampaign } from '../../../src/campaigns/index.ts';
import type { AmbiguousPolicy } from '../../../src/campaigns/index.ts';
import type { Deps } from '../../../src/compose.ts';
import { countAudience } from '../../../src/deliveries/index.ts';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import { isDatabaseUnavailable } from '../../../src/platform/postgres/index.ts';
import { QUICK_LEASE } from '../../../src/sending/index.ts';
import type { EngineTiming } from '../../../src/sending/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { startWorker } from '../../../workers/start-worker.ts';
import { waitFor } from '../../support/wait-for.ts';
import { judge } from './judge.ts';
import type { Judgement } from './judge.ts';
import { lookAt } from './look.ts';
import type { Look } from './look.ts';
import { composeScene } from './stage.ts';
import type { Environment, Stage } from './stage.ts';
import { startFaultSink } from './start-sink.ts';
import type { FaultSink } from './start-sink.ts';
import { startWorkerProcess } from './worker-process.ts';
import type { FailAt, WorkerProcess } from './worker-process.ts';

/** Of one worker; one of them is left to confirmations. */
const CONNECTIONS = 5;
/** How many messages of the campaign one worker has on the line at most. */
export const IN_FLIGHT = CONNECTIONS - 1;
const FINISH_WITHIN_MS = 60_000;

const TEXT = 'Dear {{ subscriber.name }},\n\nall is well, and [this is yours]({{ links.preferences }}).';

/** One campaign on a database and with a receiving server of its own. */
export interface Scene {
  readonly deps: Deps;
  readonly id: CampaignId;
  readonly environment: Environment;
  readonly sink: FaultSink;
  startWorker(failAt?: FailAt): WorkerProcess;
  /** A worker in this process, which lives as long as the scene. */
  joinLocally(timing?: EngineTiming): Promise<void>;
  /** What is shown at this moment; fails when it does not balance. Undefined while the database is away. */
  look(): Promise<Look | undefined>;
  /** Messages whose final dot may be out, without a recorded outcome. */
  countDots(): Promise<number>;
  /** Open, and not because a server refused them for now. */
  countUndeferred(): Promise<number>;
  /** Whether this process has no lease: others have taken over from it. */
  isFenced(worker: WorkerProcess): Promise<boolean>;
  /** Waits until so many mails are at the server. */
  waitForMails(count: number): Promise<void>;
  /** Looks again and again, and lets whatever waits be due, until the campaign has ended. */
  finish(): Promise<Look>;
  judge(): Promise<Judgement>;
  close(): Promise<void>;
}

export async function openScene(stage: Stage, policy: AmbiguousPolicy): Promise<Scene> {
  const settings = await stage.prepare();
  const sink = await startFaultSink();
  const environment = { ...settings, SMTP_URL: `${sink.url}?connections=${CONNECTIONS}` };
  const { deps, close } = await composeScene(environment);
  const id = await orderCampaign(deps, policy);
  const processes: WorkerProcess[] = [];
  const locals: Awaited<ReturnType<typeof startWorker>>[] = [];

  const look = (): Promise<Look | undefined> => lookAt(deps.db, id).catch(whileAway);

  return {
    deps,
    id,
    environment,
    sink,
    startWorker: (failAt) => {
      const started = startWorkerProcess(environment, failAt);
      processes.push(started);
      return started;
    },
    joinLocally: async (timing = QUICK_LEASE) => {
      locals.push(await startWorker(deps, timing));
    },
    look,
    countDots: () => countRows(deps, id, ['dot_pending']),
    isFenced: ({ pid }) => isFenced(deps, pid),
    countUndeferred: () => countRows(deps, id, ['planned', 'dot_pending']),
    waitForMails: (count) =>
      waitFor(`${count} mails`, async () => (await sink.read()).length >= count, FINISH_WITHIN_MS).then(
        () => undefined,
      ),
    finish: () => finish(deps, look),
    judge: async () => judge(deps, id, await sink.read()),
    close: async () => {
      processes.filter(({ isRunning }) => isRunning).forEach((one) => one.signal('SIGKILL'));
      await Promise.all(processes.map(({ exited }) => exited));
      await Promise.all(locals.map((local) => local.stop(5000)));
      await sink.stop();
      await close();
    },
  };
}

async function countRows({ db }: Deps, id: CampaignId, states: readonly string[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from deliveries where campaign_id = ${id} and state = any(${states}::text[])`.execute(db);
  return rows[0]?.count ?? 0;
}

async function isFenced({ db }: Deps, pid: number): Promise<boolean> {
  const { rows } = await sql`select 1 from workers where pid = ${pid} and fenced_at is null`.execute(db);
  return rows.length === 0;
}

/** Sent, and not begun yet: whoever works first begins it. */
async function orderCampaign(deps: Deps, ambiguousPolicy: AmbiguousPolicy): Promise<CampaignId> {
  const newsletter = await requireNewsletter(deps.db, { slug: 'the-weekly' });
  const { campaign } = await createCampaign(
    deps,
    {
      newsletter: { id: newsletter.id },
      subject: 'News',
      preheader: null,
      format: 'markdown',
      source: TEXT,
      ambiguousPolicy,
    },
    CLI_ACTOR,
  );
  const expectedCount = await countAudience(deps.db, newsletter.id, deps.clock.now());
  await sendCampaign(deps, { id: campaign.id, actor: CLI_ACTOR }, { start: { kind: 'immediately' }, expectedCount });
  return campaign.id;
}

async function finish(deps: Deps, look: Scene['look']): Promise<Look> {
  let looks = 0;
  let last: Look | undefined;
  const end = await waitFor(
    'the end of the campaign',
    async () => {
      last = (await look()) ?? last;
      looks += 1;
      if (looks % 20 === 0) {
        await hasten(deps).catch(whileAway);
      }
      return last?.isFinished === true ? last : undefined;
    },
    FINISH_WITHIN_MS,
  ).catch((error: unknown) => {
    throw new Error(`it does not end: ${JSON.stringify(last)}`, { cause: error });
  });
  return end;
}

/** Nobody wants to wait for half an hour: what was put off is due, no pause is left, and everybody is woken. */
async function hasten({ db, doorbell }: Deps): Promise<void> {
  await sql`delete from sending_pauses`.execute(db);
  await sql`update deliveries set due_at = now() where state in ('planned', 'deferred', 'ambiguous') and due_at > now()`.execute(
    db,
  );
  // Only whose rows are, or are settled: one that was put off in between waits for the next time.
  await sql`update delivery_blocks b set due_at = now() from deliveries d
    where d.id = coalesce(b.ids[1], b.first_id) and b.worker_id is null and b.due_at > now()
      and (d.due_at <= now() or d.state not in ('planned', 'deferred', 'ambiguous'))`.execute(db);
  doorbell.ring('send-campaigns', {});
  doorbell.ring('sweep', {});
}

function whileAway(error: unknown): undefined {
  if (!isDatabaseUnavailable(error)) {
    throw error;
  }
  return undefined;
}
