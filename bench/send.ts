import { createDkimKey } from '../src/dkim/index.ts';
import type { Deps } from '../src/compose.ts';
import { CLI_ACTOR } from '../src/shared/actor.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { startSmtpSink as startSlowSink } from '../tests/support/smtp-sink.ts';
import { composeBench, openBenchServer, prepareDatabase, settingsFor } from './bench-database.ts';
import type { BenchServer } from './bench-database.ts';
import type { BenchContext, BenchResult } from './benchmark.ts';
import { buildCampaign } from './campaign-source.ts';
import type { BenchCampaign } from './campaign-source.ts';
import { compare } from './figure.ts';
import type { Figure } from './figure.ts';
import { readCpuMs } from './process-cpu.ts';
import { measureTreeMemory, readPeakMemoryMb } from './process-memory.ts';
import { startRole } from './role-process.ts';
import type { RoleSettings } from './role-process.ts';
import { seedReaders, sendCampaignOnce } from './sending/campaign-run.ts';
import { startMeasuredWorker } from './sending/measured-worker.ts';
import type { MeasuredWorker } from './sending/measured-worker.ts';
import { measureNaive } from './sending/naive.ts';
import { measureOpensslSigns } from './sending/openssl-speed.ts';
import { measureSignupsDuringCampaign } from './sending/signups-meanwhile.ts';
import { measureSmtpSource, startSmtpSink } from './smtp-tools.ts';
import { median, medianBy } from './statistics.ts';

const READERS = 20_000;
const MAIL_BYTES = 35_000;
/** Of the lane `campaigns`; smtp-source and nodemailer's pool get as many. */
const CONNECTIONS = 64;
/** A relay's connections are shared: bulk leaves four to the transactional lane. */
const KEPT_FREE = 4;
const RELAY_CONNECTIONS = CONNECTIONS + KEPT_FREE;
const ROUNDS = 3;
const NAIVE_MAILS = 2000;
const SLOW_READERS = 6000;
const SLOW_REPLY_MS = 50;
/** So few that waiting is what limits one worker, not the processor that all share. */
const SLOW_CONNECTIONS = 12;
const MEMORY_TARGET = { atMost: 200 };
const LOOP_DELAY_TARGET = { atMost: 50 };

/** A system of its own: a database with readers, a campaign of 35 kB mails, and the settings of its roles. */
interface Bench {
  readonly deps: Deps;
  readonly databaseUrl: string;
  readonly settings: RoleSettings;
  readonly campaign: BenchCampaign;
}

/** Campaigns through worker processes into postfix's smtp-sink, beside smtp-source and what people would otherwise write. */
export async function benchSend(context: BenchContext): Promise<BenchResult> {
  const server = await openBenchServer(context);
  const port = await startSmtpSink(context);
  const bench = await openBench(context, server, { readers: READERS, smtpPort: port, connections: RELAY_CONNECTIONS });
  const fast = await measureThroughput(context, bench, port);
  context.say('one job and one sendMail for each mail');
  const naive = await measureNaive(context, {
    smtpPort: port,
    mails: NAIVE_MAILS,
    connections: CONNECTIONS,
    bytes: MAIL_BYTES,
  });
  const signups = await measureSignupsDuringCampaign(context, bench);
  const signed = await measureSigned(context, bench);
  const slow = await measureTwoWorkers(context, server);
  return {
    figures: [
      ...fast.figures,
      compare({
        figure: 'against one BullMQ job and sendMail a mail',
        value: fast.mailsPerSecond,
        unit: 'mails/s',
        limit: naive,
        target: { ratioAtLeast: 8 },
      }),
      ...signups,
      ...signed,
      ...slow,
    ],
    notes: [
      server.note,
      `mails of ${bench.campaign.bytes} bytes to ${READERS} readers over ${CONNECTIONS} connections into smtp-sink; limit: smtp-source (-d -s ${CONNECTIONS})`,
      `in turns, the median of ${ROUNDS} by ratio; from the first dot to the last outcome in the ledger, fsync on`,
      `one job a mail: ${NAIVE_MAILS} mails of that size, jobs in Redis, BullMQ worker and nodemailer pool with ${CONNECTIONS} at once, no ledger`,
      'every reader of every campaign accepted once',
    ],
  };
}

async function openBench(
  context: BenchContext,
  server: BenchServer,
  order: { readonly readers: number; readonly smtpPort: number; readonly connections: number },
): Promise<Bench> {
  const databaseUrl = await server.createDatabase();
  await prepareDatabase(databaseUrl);
  await seedReaders(databaseUrl, order.readers);
  const settings = settingsFor(databaseUrl, {
    SMTP_URL: `smtp://127.0.0.1:${order.smtpPort}?connections=${order.connections}`,
    MAIL_FROM: 'news@courant.example',
  });
  const { deps, close } = await composeBench(settings);
  context.cleanup.defer(close);
  return { deps, databaseUrl, settings, campaign: await buildCampaign(deps, MAIL_BYTES) };
}

async function measureThroughput(
  context: BenchContext,
  { deps, databaseUrl, settings, campaign }: Bench,
  port: number,
): Promise<{ readonly mailsPerSecond: number; readonly figures: readonly Figure[] }> {
  const worker = await startMeasuredWorker(context, settings);
  const idle = await measureTreeMemory(worker.pid);
  await sendCampaignOnce(deps, databaseUrl, campaign.source);
  const cpuBeforeMs = await readCpuMs(worker.pid);
  const warm = await measureTreeMemory(worker.pid);
  const rounds: { readonly ours: number; readonly limit: number }[] = [];
  const freezes: number[] = [];
  const delays: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const load = { mails: READERS, bytes: campaign.bytes, connections: CONNECTIONS };
    const limit = await measureSmtpSource(context, port, load);
    await worker.readLoopDelay();
    const { mailsPerSecond, freezeMs } = await sendCampaignOnce(deps, databaseUrl, campaign.source);
    delays.push((await worker.readLoopDelay()).p99Ms);
    context.say(`round ${round}: ${Math.round(mailsPerSecond)} mails/s, smtp-source ${Math.round(limit)}/s`);
    rounds.push({ ours: mailsPerSecond, limit });
    freezes.push(freezeMs);
  }
  const { ours, limit } = medianBy(rounds, (round) => round.ours / round.limit);
  const cpuMs = ((await readCpuMs(worker.pid)) - cpuBeforeMs) / (READERS * ROUNDS);
  return {
    mailsPerSecond: ours,
    figures: [
      compare({ figure: 'campaign', value: ours, unit: 'mails/s', limit, target: { ratioAtLeast: 0.8 } }),
      { figure: 'worker CPU per mail', value: cpuMs, unit: 'ms' },
      { figure: 'order to frozen audience', value: median(freezes), unit: 'ms' },
      { figure: 'worker event loop late, p99', value: median(delays), unit: 'ms', target: LOOP_DELAY_TARGET },
      ...(await memoryFigures(worker, idle.pssMb, warm.pssMb)),
    ],
  };
}

async function memoryFigures(worker: MeasuredWorker, idleMb: number, warmMb: number): Promise<readonly Figure[]> {
  const peakMb = await readPeakMemoryMb(worker.pid);
  const { pssMb } = await measureTreeMemory(worker.pid);
  await worker.stop();
  return [
    { figure: 'worker before, PSS', value: idleMb, unit: 'MB' },
    { figure: 'worker after one campaign, PSS', value: warmMb, unit: 'MB' },
    { figure: `worker after ${ROUNDS + 1} campaigns, PSS`, value: pssMb, unit: 'MB', target: MEMORY_TARGET },
    { figure: 'worker at most, RSS', value: peakMb, unit: 'MB', target: MEMORY_TARGET },
  ];
}

/** DKIM with RSA 2048. What openssl could sign on the processor time that the worker used is the limit. */
async function measureSigned(
  context: BenchContext,
  { deps, databaseUrl, settings, campaign }: Bench,
): Promise<readonly Figure[]> {
  context.say('the same, signed with DKIM (rsa-sha256, 2048 bits)');
  const earlier = { ...deps, clock: { ...deps.clock, now: () => new Date(Date.now() - 60_000) } };
  await createDkimKey(earlier, { domain: 'courant.example', actor: CLI_ACTOR });
  const signsPerCore = await measureOpensslSigns(context.stopped);
  const worker = await startMeasuredWorker(context, settings);
  const before = { cpuMs: await readCpuMs(worker.pid), atMs: performance.now() };
  const { mailsPerSecond, readers } = await sendCampaignOnce(deps, databaseUrl, campaign.source);
  const cpuMs = (await readCpuMs(worker.pid)) - before.cpuMs;
  const { p99Ms } = await worker.readLoopDelay();
  await worker.stop();
  const coresUsed = (cpuMs / readers) * (mailsPerSecond / 1000);
  return [
    compare({
      figure: `signed campaign; openssl speed on the ${coresUsed.toFixed(2)} cores that the worker used`,
      value: mailsPerSecond,
      unit: 'mails/s',
      limit: signsPerCore * coresUsed,
      target: { ratioAtLeast: 0.6 },
    }),
    { figure: 'worker event loop late while it signs, p99', value: p99Ms, unit: 'ms', target: LOOP_DELAY_TARGET },
  ];
}

/** A server that takes its time: what counts is how many messages are under way, and a second worker brings as many again. */
async function measureTwoWorkers(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  context.say(`a server that answers each mail after ${SLOW_REPLY_MS} ms, with one worker and with two`);
  const sink = await startSlowSink();
  context.cleanup.defer(() => sink.stop());
  sink.script(() => ({ kind: 'hold-reply', until: delay(SLOW_REPLY_MS) }));
  const bench = await openBench(context, server, {
    readers: SLOW_READERS,
    smtpPort: sink.port,
    connections: SLOW_CONNECTIONS + KEPT_FREE,
  });
  const first = await startRole(context, 'worker', bench.settings);
  const send = async (): Promise<number> => {
    sink.clear();
    return (await sendCampaignOnce(bench.deps, bench.databaseUrl, bench.campaign.source)).mailsPerSecond;
  };
  const alone = await send();
  const second = await startRole(context, 'worker', bench.settings);
  const both = await send();
  await first.stop();
  await second.stop();
  return [
    compare({
      figure: `two workers, a server that takes ${SLOW_REPLY_MS} ms a mail; limit: one worker`,
      value: both,
      unit: 'mails/s',
      limit: alone,
      target: { ratioAtLeast: 1.9 },
    }),
  ];
}
