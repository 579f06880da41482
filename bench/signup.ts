import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { measureAnswerTimes } from './answer-times.ts';
import { provideTools } from '../tests/support/provide.ts';
import { startRedis } from '../tests/support/redis-server.ts';
import { openBenchServer, prepareDatabase, readNumbers, settingsFor, withClient } from './bench-database.ts';
import type { BenchContext, BenchResult } from './benchmark.ts';
import { compare } from './figure.ts';
import type { Figure } from './figure.ts';
import { generateLoad } from './generate-load.ts';
import type { LoadReport } from './generate-load.ts';
import { readCpuMs } from './process-cpu.ts';
import { startRole } from './role-process.ts';
import type { RoleProcess, RoleSettings } from './role-process.ts';
import { measureRowLimit, requireSameRows } from './row-limit.ts';
import type { RowLimit } from './row-limit.ts';
import { startSmtpSink } from './smtp-tools.ts';
import { median, medianBy, percentile } from './statistics.ts';
import { measureMailLatency } from './mail-latency.ts';

const CONNECTIONS = 16;
const ROUNDS = 3;
const WARM_UP_MS = 2000;
const MEASURED_SECONDS = 8;
const SUBMITS = 60;
const RATE_TARGET = { ratioAtLeast: 0.45 };
/** At half of the peak. */
const PACED_P99_TARGET = { atMost: 150 };
const LATENCY_TARGET = { atMost: 1000 };

interface Setting {
  readonly name: 'Postgres' | 'Redis';
  readonly databaseUrl: string;
  /** Same schema, same server: where pgbench writes, so that no worker finds its rows. */
  readonly limitUrl: string;
  readonly pgbench: string;
  readonly sinkPort: number;
  readonly roles: RoleSettings;
}

/**
 * Sign-ups over HTTP beside pgbench inserting the same rows, and the time from a sign-up to its mail, on both queues. The
 * ratio compares like with like: the web process alone, as pgbench is alone. A second row has a worker on the same two cores
 * that decides and mails the confirmations meanwhile.
 */
export async function benchSignup(context: BenchContext): Promise<BenchResult> {
  const { pgbench } = await provideTools(['pgbench']);
  const server = await openBenchServer(context);
  const redis = await startRedis();
  context.cleanup.defer(() => redis.stop());
  const sinkPort = await startSmtpSink(context);
  const figures: Figure[] = [];
  for (const name of ['Postgres', 'Redis'] as const) {
    const databaseUrl = await server.createDatabase();
    const limitUrl = await server.createDatabase();
    await prepareDatabase(databaseUrl);
    await prepareDatabase(limitUrl);
    const queue: RoleSettings = name === 'Redis' ? { REDIS_URL: redis.url } : {};
    const roles = settingsFor(databaseUrl, queue);
    figures.push(...(await benchOnQueue(context, { name, databaseUrl, limitUrl, pgbench, sinkPort, roles })));
  }
  const notes = [
    server.note,
    `rate: ${CONNECTIONS} connections, ${MEASURED_SECONDS} s, beside pgbench (prepared statements, ${CONNECTIONS} clients), ` +
      `in turns, the median of ${ROUNDS} by ratio; "while a worker mails": confirmations go into smtp-sink meanwhile`,
    `p99 at half of the peak: paced by the clock at half of the median rate, each counted from when it was due`,
    'each reader comes from an address and a network of their own (X-Forwarded-For, TRUST_PROXY=loopback)',
    'answers by the state of the address (S23): one at a time, in turns; the distance is of Kolmogorov and Smirnov',
    `to the mail: one sign-up at a time, ${SUBMITS} of them, until the local inbox has the confirmation`,
    'the ledger balanced: answers 202 = sign-up requests = consent records = addresses, less those asked twice for S23',
  ];
  return { figures, notes };
}

async function benchOnQueue(context: BenchContext, setting: Setting): Promise<readonly Figure[]> {
  const { name, databaseUrl, roles } = setting;
  context.say(`${name} queue: from the sign-up to the mail`);
  const latencies = await withRoles(context, roles, ({ web }) => measureMailLatency(databaseUrl, web.port, SUBMITS));
  const relay = { SMTP_URL: `smtp://127.0.0.1:${setting.sinkPort}`, MAIL_FROM: 'news@courant.example' };
  const rounds = await withRoles(context, { ...roles, ...relay }, (running) => playRounds(context, setting, running));
  context.say(`${name} queue: at half of the peak, and by the state of the address`);
  const calm = await measureCalm(context, setting, { ...roles, ...relay }, rounds);
  const accepted = rounds.reduce(
    (sum, { alone, load }) => sum + alone.accepted + load.accepted,
    SUBMITS + calm.paced.accepted + calm.answers.accepted,
  );
  await withClient(databaseUrl, async (real) => {
    await requireBalance(real, accepted, calm.answers.repeated);
    await withClient(setting.limitUrl, (limit) => requireSameRows(limit, real));
  });
  return [
    ...rateFigures(name, rounds),
    {
      figure: `sign-up p99 at half of the peak, ${name} queue`,
      value: calm.paced.p99Ms,
      unit: 'ms',
      target: PACED_P99_TARGET,
    },
    ...latencyFigures(name, latencies),
    ...calm.answers.figures.map((one) => ({ ...one, figure: `${one.figure}, ${name} queue` })),
  ];
}

function rateFigures(name: string, rounds: readonly Round[]): readonly Figure[] {
  const { alone, limit } = medianBy(rounds, (round) => round.alone.perSecond / round.limit.perSecond);
  const busy = medianBy(rounds, (round) => round.load.perSecond / round.limit.perSecond);
  return [
    compare({
      figure: `sign-ups, ${name} queue`,
      value: alone.perSecond,
      unit: '/s',
      limit: limit.perSecond,
      target: RATE_TARGET,
    }),
    compare({ figure: `sign-up p99, ${name} queue`, value: alone.p99Ms, unit: 'ms', limit: limit.p99Ms }),
    compare({
      figure: `sign-ups while a worker mails, ${name} queue`,
      value: busy.load.perSecond,
      unit: '/s',
      limit: busy.limit.perSecond,
    }),
    compare({
      figure: `sign-up p99 while a worker mails, ${name} queue`,
      value: busy.load.p99Ms,
      unit: 'ms',
      limit: busy.limit.p99Ms,
    }),
    { figure: `web CPU per sign-up, ${name} queue`, value: median(rounds.map(({ webCpuMs }) => webCpuMs)), unit: 'ms' },
    {
      figure: `confirmations sent meanwhile, ${name} queue`,
      value: median(rounds.map(({ mailsPerSecond }) => mailsPerSecond)),
      unit: '/s',
    },
  ];
}

function latencyFigures(name: string, latencies: readonly number[]): readonly Figure[] {
  return [
    { figure: `sign-up to mail p50, ${name} queue`, value: median(latencies), unit: 'ms' },
    {
      figure: `sign-up to mail p95, ${name} queue`,
      value: percentile(latencies, 0.95),
      unit: 'ms',
      target: LATENCY_TARGET,
    },
  ];
}

interface Running {
  readonly web: RoleProcess;
  readonly worker: RoleProcess;
}

async function withRoles<T>(
  context: BenchContext,
  settings: RoleSettings,
  use: (running: Running) => Promise<T>,
): Promise<T> {
  const isLoaded = settings['SMTP_URL'] !== undefined;
  const web = await startRole(context, 'web', settings, { profiled: isLoaded });
  const worker = await startRole(context, 'worker', settings, { profiled: isLoaded });
  const result = await use({ web, worker });
  await web.stop();
  await worker.stop();
  return result;
}

interface Round {
  readonly alone: LoadReport;
  readonly load: LoadReport;
  readonly limit: RowLimit;
  readonly mailsPerSecond: number;
  readonly webCpuMs: number;
}

async function playRounds(context: BenchContext, setting: Setting, running: Running): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let index = 1; index <= ROUNDS; index += 1) {
    const limit = await whilePaused([running.web, running.worker], () =>
      measureRowLimit(context, setting.pgbench, setting.limitUrl, { clients: CONNECTIONS, seconds: MEASURED_SECONDS }),
    );
    const label = `${setting.name.toLowerCase()}-${index}`;
    const alone = await whilePaused([running.worker], () => loadWeb(running.web, `${label}-alone`, 2 * index));
    const before = { mails: await countMails(setting.databaseUrl), cpuMs: await readCpuMs(running.web.pid) };
    const load = await loadWeb(running.web, label, 2 * index + 1);
    const webCpuMs = ((await readCpuMs(running.web.pid)) - before.cpuMs) / load.accepted;
    const mails = (await countMails(setting.databaseUrl)) - before.mails;
    const mailsPerSecond = mails / (WARM_UP_MS / 1000 + MEASURED_SECONDS);
    context.say(
      `${setting.name} queue, round ${index}: ${Math.round(alone.perSecond)} sign-ups/s, ` +
        `${Math.round(load.perSecond)}/s while a worker mails, pgbench ${Math.round(limit.perSecond)}/s, confirmations ${Math.round(mailsPerSecond)}/s`,
    );
    rounds.push({ alone, load, limit, mailsPerSecond, webCpuMs });
  }
  return rounds;
}

/** The web process alone, as in the rate that this is half of. */
async function measureCalm(
  context: BenchContext,
  setting: Setting,
  settings: RoleSettings,
  rounds: readonly Round[],
): Promise<Calm> {
  const web = await startRole(context, 'web', settings);
  const perSecond = median(rounds.map(({ alone }) => alone.perSecond)) / 2;
  const paced = await loadWeb(web, `${setting.name.toLowerCase()}-paced`, 2 * ROUNDS + 2, perSecond);
  const answers = await measureAnswerTimes(setting.databaseUrl, web.port);
  await web.stop();
  return { paced, answers };
}

interface Calm {
  readonly paced: LoadReport;
  readonly answers: Awaited<ReturnType<typeof measureAnswerTimes>>;
}

function loadWeb(web: RoleProcess, label: string, round: number, perSecond?: number): Promise<LoadReport> {
  return generateLoad({
    port: web.port,
    connections: CONNECTIONS,
    warmUpMs: WARM_UP_MS,
    measuredMs: MEASURED_SECONDS * 1000,
    label,
    round,
    ...(perSecond === undefined ? {} : { perSecond }),
  });
}

/**
 * The limit has the machine to itself: the worker still has confirmations to send from the round before. Shorter than a
 * lease (20 s) and a job's lock (30 s), so nothing is lost over it.
 */
async function whilePaused<T>(processes: readonly RoleProcess[], use: () => Promise<T>): Promise<T> {
  for (const { pid } of processes) {
    process.kill(pid, 'SIGSTOP');
  }
  try {
    // What the database has begun for them ends.
    await delay(200);
    return await use();
  } finally {
    for (const { pid } of processes) {
      process.kill(pid, 'SIGCONT');
    }
  }
}

async function countMails(databaseUrl: string): Promise<number> {
  const { mails } = await withClient(databaseUrl, (client) =>
    readNumbers(client, ['mails'], `select count(*) as mails from deliveries where state = 'accepted'`),
  );
  return mails;
}

/** Every sign-up that was acknowledged is in the ledger, once, with its consent; and nothing else is. `repeated`: of known addresses. */
async function requireBalance(client: pg.Client, accepted: number, repeated: number): Promise<void> {
  const counts = await readNumbers(
    client,
    ['requests', 'records', 'personal', 'subscribers'],
    `select (select count(*) from signup_requests) as requests,
      (select count(*) from consent_records where action = 'requested') as records,
      (select count(*) from consent_personal) as personal,
      (select count(*) from subscribers) as subscribers`,
  );
  const expected = { requests: accepted, records: accepted, personal: accepted, subscribers: accepted - repeated };
  if (JSON.stringify(counts) !== JSON.stringify(expected)) {
    throw new Error(`the ledger does not balance: ${JSON.stringify(expected)} acknowledged, ${JSON.stringify(counts)}`);
  }
}
