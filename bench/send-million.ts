import {
  openBenchServer,
  composeBench,
  prepareDatabase,
  readNumbers,
  settingsFor,
  withClient,
} from './bench-database.ts';
import type { BenchContext, BenchResult } from './benchmark.ts';
import { buildCampaign } from './campaign-source.ts';
import { compare } from './figure.ts';
import { readPeakMemoryMb } from './process-memory.ts';
import { startRole } from './role-process.ts';
import type { RoleProcess } from './role-process.ts';
import { seedReaders, sendCampaignOnce } from './sending/campaign-run.ts';
import { startSmtpSink } from './smtp-tools.ts';

const FEW = 50_000;
const MANY = 1_000_000;
/** Campaigns of a million whose rows are in the ledger already when the tenth leaves. */
const EARLIER = 8;
const MAIL_BYTES = 35_000;
const CONNECTIONS = 68;
/** No part of it may take ten per cent longer than it did small or new. */
const AS_FAST = { ratioAtLeast: 0.9 };

/** What a million readers cost, and nine million rows of earlier campaigns. Takes about half an hour. */
export async function benchSendMillion(context: BenchContext): Promise<BenchResult> {
  const server = await openBenchServer(context);
  const databaseUrl = await server.createDatabase();
  await prepareDatabase(databaseUrl);
  const port = await startSmtpSink(context);
  const settings = settingsFor(databaseUrl, {
    SMTP_URL: `smtp://127.0.0.1:${port}?connections=${CONNECTIONS}`,
    MAIL_FROM: 'news@courant.example',
  });
  const { deps, close } = await composeBench(settings);
  context.cleanup.defer(close);
  const campaign = await buildCampaign(deps, MAIL_BYTES);
  const worker = await startRole(context, 'worker', settings);
  const send = async (what: string): ReturnType<typeof sendCampaignOnce> => {
    const run = await sendCampaignOnce(deps, databaseUrl, campaign.source);
    context.say(
      `${what}: ${run.readers} readers, ${Math.round(run.mailsPerSecond)} mails/s, frozen after ${Math.round(run.freezeMs)} ms`,
    );
    return run;
  };
  await seedReaders(databaseUrl, FEW);
  await send('warming up');
  const small = await send('50,000');
  await seedReaders(databaseUrl, MANY - FEW, 'more');
  const peakSmallMb = await peakOf(worker);
  const first = await send('the first million');
  const bytes = await readBytesPerDelivery(databaseUrl);
  const bareMs = await measureBareInsert(databaseUrl);
  context.say('nine million rows of earlier campaigns');
  await addEarlierCampaigns(databaseUrl, first.id);
  const tenth = await send('the tenth million');
  const peakMb = await peakOf(worker);
  await worker.stop();
  return {
    figures: [
      compare({
        figure: 'a million readers; limit: 50,000',
        value: first.mailsPerSecond,
        unit: 'mails/s',
        limit: small.mailsPerSecond,
        target: AS_FAST,
      }),
      compare({
        figure: 'the tenth million; limit: the first',
        value: tenth.mailsPerSecond,
        unit: 'mails/s',
        limit: first.mailsPerSecond,
        target: AS_FAST,
      }),
      compare({
        figure: 'freezing a million; limit: a bare INSERT ... SELECT',
        value: first.freezeMs,
        unit: 'ms',
        limit: bareMs,
        target: { ratioAtMost: 3 },
      }),
      { figure: 'disk per delivery, indexes included', value: bytes, unit: 'bytes', target: { atMost: 500 } },
      { figure: 'worker at most after 100,000 mails, RSS', value: peakSmallMb, unit: 'MB' },
      { figure: 'worker at most after two million more, RSS', value: peakMb, unit: 'MB', target: { atMost: 200 } },
    ],
    notes: [
      server.note,
      `mails of ${campaign.bytes} bytes into smtp-sink; earlier campaigns are rows of the first one, copied`,
    ],
  };
}

function peakOf(worker: RoleProcess): Promise<number> {
  return readPeakMemoryMb(worker.pid);
}

async function readBytesPerDelivery(databaseUrl: string): Promise<number> {
  const { bytes } = await withClient(databaseUrl, (client) =>
    readNumbers(
      client,
      ['bytes'],
      `select pg_total_relation_size('deliveries') / (select count(*) from deliveries)::float8 as bytes`,
    ),
  );
  return bytes;
}

/** The same rows into a table with the same columns and indexes: no gate, no blocks, nothing checked. */
async function measureBareInsert(databaseUrl: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    await client.query('begin');
    await client.query(
      'create table bare_deliveries (like deliveries including defaults including identity including indexes)',
    );
    const startedAt = performance.now();
    await client.query(
      `insert into bare_deliveries (kind, address, key_id, compiled_mail_id, campaign_id, subscriber_id, subscription_id, reader_name,
         due_at, give_up_at, created_at)
       select 'campaign', s.address, 1, 1, 1, s.id, n.id, s.name, now(), now(), now()
       from subscriptions n join subscribers s on s.id = n.subscriber_id`,
    );
    const ms = performance.now() - startedAt;
    await client.query('rollback');
    return ms;
  });
}

async function addEarlierCampaigns(databaseUrl: string, first: number): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('set statement_timeout = 0');
    for (let count = 0; count < EARLIER; count += 1) {
      await client.query(
        `with c as (
           insert into campaigns (kind, newsletter_id, subject, source_format, source, status, compiled_mail_id, start_at, frozen_at, audience_count,
             finished_at, created_by, created_at, updated_at)
           select kind, newsletter_id, subject, source_format, source, status, compiled_mail_id, start_at, frozen_at, audience_count,
             finished_at, created_by, created_at, updated_at from campaigns where id = $1 returning id
         )
         insert into deliveries (kind, state, address, key_id, compiled_mail_id, campaign_id, subscriber_id, subscription_id, reader_name, attempt, due_at,
           give_up_at, worker_id, dot_at, settled_at, reply_code, enhanced_code, created_at)
         select d.kind, d.state, d.address, d.key_id, d.compiled_mail_id, c.id, d.subscriber_id, d.subscription_id, d.reader_name, d.attempt, d.due_at,
           d.give_up_at, d.worker_id, d.dot_at, d.settled_at, d.reply_code, d.enhanced_code, d.created_at
         from deliveries d, c where d.campaign_id = $1`,
        [first],
      );
    }
    await client.query('vacuum analyze deliveries');
  });
}
