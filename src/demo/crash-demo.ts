import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCampaign, requireCampaign, sendCampaign } from '../campaigns/index.ts';
import { compose } from '../compose.ts';
import type { Deps } from '../compose.ts';
import { parseConfig } from '../config/index.ts';
import { countDeliveries } from '../deliveries/index.ts';
import { seedLegalDocuments } from '../legal/index.ts';
import { migrateAll } from '../migrate.ts';
import { createNewsletter } from '../newsletters/index.ts';
import { openEmbeddedPostgres } from '../platform/embedded-postgres/index.ts';
import { createLogger } from '../platform/logging/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { drawBalance } from './balance.ts';
import type { Balance } from './balance.ts';
import { insertDemoReaders, readDemoLedger } from './demo-readers.repository.ts';
import { startSinkProcess, startWorkerProcess } from './demo-processes.ts';
import type { DemoProcess } from './demo-processes.ts';
import { readSinkLog } from './sink-log.ts';

const READERS = 2000;
const WORKERS = 2;
/** Each falls into its own part of the campaign, at a random moment of it. */
const KILLS = 3;
/** What the server takes for each mail, so that there is something to be killed in. */
const SINK_DELAY_MS = 80;
const LOOK_EVERY_MS = 50;
const STOP_WITHIN_MS = 5000;
/** Whoever was deferred by a fault comes again within half a minute. */
const END_WITHIN_MS = 180_000;

export interface CrashDemo {
  readonly random: Random;
  /** A line for whoever watches. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Things to be undone, the newest first, also when something fails or somebody presses Ctrl-C. */
type Undo = (() => Promise<unknown>)[];

/**
 * Sends a campaign from a throwaway database to a mail server that keeps a log of its own, kills workers with `kill -9` meanwhile, and draws the
 * balance. Nothing of it stays.
 */
export async function runCrashDemo(demo: CrashDemo): Promise<Balance> {
  const undo: Undo = [];
  try {
    return await perform(demo, undo);
  } finally {
    for (const step of undo.toReversed()) {
      await step().catch(() => undefined);
    }
  }
}

async function perform(demo: CrashDemo, undo: Undo): Promise<Balance> {
  const directory = await mkdtemp(join(tmpdir(), 'courant-demo-'));
  undo.push(() => removeAll(directory));
  // PostgreSQL runs as another user when this one is root.
  await chmod(directory, 0o755);
  const logPath = join(directory, 'mails.jsonl');
  const sink = await startSinkProcess(logPath, SINK_DELAY_MS);
  undo.push(() => sink.kill());
  const environment = await prepareDatabase(demo, undo, directory, sink.url);
  demo.signal.throwIfAborted();
  const { deps, close } = await compose(parseConfig(environment), { role: 'demo', maxConnections: 3 });
  undo.push(close);
  const id = await orderCampaign(deps);
  demo.tell(`${READERS} readers, and a mail server that writes down each mail before it says 250`);
  await killWhileSending(demo, undo, {
    deps,
    id,
    environment,
    countTaken: async () => (await readSinkLog(logPath)).length,
  });
  return drawBalance(await readDemoLedger(deps.db), await readSinkLog(logPath));
}

/** Where PostgreSQL's own account cannot reach the directory, its data are elsewhere, behind a link. */
async function removeAll(directory: string): Promise<void> {
  const data = await realpath(join(directory, 'postgres')).catch(() => directory);
  for (const folder of [data, directory]) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function prepareDatabase(
  { tell }: CrashDemo,
  undo: Undo,
  directory: string,
  smtpUrl: string,
): Promise<Readonly<Record<string, string>>> {
  const log = createLogger('silent', 'demo');
  const opened = await openEmbeddedPostgres(
    { log, print: tell },
    { dataDir: directory, holder: 'command', settings: {} },
  );
  if (opened.kind !== 'open') {
    throw new AppError('conflict', 'data_dir_in_use', `${directory} is in use`);
  }
  undo.push(() => opened.postgres.stop(STOP_WITHIN_MS));
  await migrateAll(opened.postgres.databaseUrl, log);
  return {
    DATABASE_URL: opened.postgres.databaseUrl,
    SECRET_KEY: randomBytes(48).toString('base64'),
    SMTP_URL: smtpUrl,
    MAIL_FROM: 'news@courant.example',
    POSTAL_ADDRESS: 'Paper Street 1, 10117 Berlin',
    LOG_LEVEL: 'silent',
  };
}

async function orderCampaign(deps: Deps): Promise<CampaignId> {
  await seedLegalDocuments(deps.db, deps.clock);
  const { id: newsletterId } = await createNewsletter(deps, { name: 'The Weekly' }, CLI_ACTOR);
  await insertDemoReaders(deps, { newsletterId, count: READERS, now: deps.clock.now() });
  const text = { subject: 'News of the day', preheader: null, format: 'markdown', source: 'All is well.' } as const;
  const { campaign } = await createCampaign(deps, { newsletter: { id: newsletterId }, ...text }, CLI_ACTOR);
  const order = { id: campaign.id, actor: CLI_ACTOR };
  await sendCampaign(deps, order, { start: { kind: 'immediately' }, expectedCount: READERS });
  return campaign.id;
}

interface Sending {
  readonly deps: Deps;
  readonly id: CampaignId;
  readonly environment: Readonly<Record<string, string>>;
  readonly countTaken: () => Promise<number>;
}

async function killWhileSending(demo: CrashDemo, undo: Undo, sending: Sending): Promise<void> {
  const workers: DemoProcess[] = [];
  const hire = async (): Promise<void> => {
    const worker = await startWorkerProcess(sending.environment);
    undo.push(() => worker.kill());
    workers.push(worker);
  };
  await Promise.all(Array.from({ length: WORKERS }, hire));
  demo.tell(`${WORKERS} workers send`);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const mails = Math.round((READERS / (KILLS + 1)) * (kill + 0.3 + drawFraction(demo.random)));
    await until(demo, async () => (await sending.countTaken()) >= mails);
    const victim = workers.shift();
    await victim?.kill();
    demo.tell(
      `kill -9 of worker ${victim?.pid}, ${await sending.countTaken()} mails at the server; the ledger says: ${await describe(sending)}`,
    );
    await hire();
  }
  await until(demo, async () => (await requireCampaign(sending.deps.db, sending.id)).finishedAt !== null);
  demo.tell(`the campaign has ended; the ledger says: ${await describe(sending)}`);
}

async function until(demo: CrashDemo, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + END_WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) {
      throw new AppError('unavailable', 'demo_too_slow', 'the campaign does not get on; is this machine very busy?');
    }
    await delay(LOOK_EVERY_MS, undefined, { signal: demo.signal });
  }
}

/** The parts add up to the audience, at every look. */
async function describe({ deps, id }: Sending): Promise<string> {
  const { audience, accepted, ambiguous, open } = await countDeliveries(deps.db, id);
  return `${audience} = ${accepted} accepted + ${ambiguous} in doubt + ${open} open`;
}

function drawFraction(random: Random): number {
  return random.bytes(4).readUInt32BE(0) / 2 ** 32;
}
