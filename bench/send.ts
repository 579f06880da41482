import { countRecipients, createCampaign, requireCampaign, sendCampaign } from '../src/campaigns/index.ts';
import type { Deps } from '../src/compose.ts';
import type { CampaignId } from '../src/shared/ids.ts';
import { CLI_ACTOR } from '../src/shared/actor.ts';
import { waitFor } from '../tests/support/wait-for.ts';
import {
  composeBench,
  openBenchServer,
  prepareDatabase,
  readNumbers,
  settingsFor,
  withClient,
} from './bench-database.ts';
import type { BenchContext, BenchResult } from './benchmark.ts';
import { buildCampaign, CAMPAIGN_SUBJECT } from './campaign-source.ts';
import { compare } from './figure.ts';
import { readCpuMs } from './process-cpu.ts';
import { measureTreeMemory, readPeakMemoryMb } from './process-memory.ts';
import { startRole } from './role-process.ts';
import { measureSmtpSource, startSmtpSink } from './smtp-tools.ts';
import { median, medianBy } from './statistics.ts';

const READERS = 5000;
const MAIL_BYTES = 35_000;
/** What the engine opens for the lane `campaigns`; smtp-source gets as many. */
const CONNECTIONS = 8;
const ROUNDS = 3;
const SENT_WITHIN_MS = 300_000;

/** A campaign through a worker process into smtp-sink, beside smtp-source sending as many mails of that size. */
export async function benchSend(context: BenchContext): Promise<BenchResult> {
  const server = await openBenchServer(context);
  const databaseUrl = await server.createDatabase();
  await prepareDatabase(databaseUrl);
  await seedReaders(databaseUrl);
  const port = await startSmtpSink(context);
  const settings = settingsFor(databaseUrl, {
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    MAIL_FROM: 'news@courant.example',
  });
  const { deps, close } = await composeBench(settings);
  context.cleanup.defer(close);
  const campaign = await buildCampaign(deps, MAIL_BYTES);
  const worker = await startRole(context, 'worker', settings, { profiled: true });
  const cpuBeforeMs = await readCpuMs(worker.pid);
  const idle = await measureTreeMemory(worker.pid);
  const rounds: { readonly ours: number; readonly limit: number }[] = [];
  const freezes: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const limit = await measureSmtpSource(context, port, {
      mails: READERS,
      bytes: campaign.bytes,
      connections: CONNECTIONS,
    });
    const { mailsPerSecond, freezeMs } = await sendOnce(deps, databaseUrl, campaign.source);
    context.say(`round ${round}: ${Math.round(mailsPerSecond)} mails/s, smtp-source ${Math.round(limit)}/s`);
    rounds.push({ ours: mailsPerSecond, limit });
    freezes.push(freezeMs);
  }
  const { ours, limit } = medianBy(rounds, (round) => round.ours / round.limit);
  const cpuMs = ((await readCpuMs(worker.pid)) - cpuBeforeMs) / (READERS * ROUNDS);
  const peakMb = await readPeakMemoryMb(worker.pid);
  const { pssMb } = await measureTreeMemory(worker.pid);
  await worker.stop();
  return {
    figures: [
      compare({ figure: `campaign of ${READERS} mails`, value: ours, unit: 'mails/s', limit }),
      { figure: 'worker CPU per mail', value: cpuMs, unit: 'ms' },
      { figure: 'order to frozen audience', value: median(freezes), unit: 'ms' },
      { figure: 'worker before, PSS', value: idle.pssMb, unit: 'MB' },
      { figure: 'worker after, PSS', value: pssMb, unit: 'MB' },
      { figure: 'worker at most, RSS', value: peakMb, unit: 'MB' },
    ],
    notes: [
      server.note,
      `mails of ${campaign.bytes} bytes over ${CONNECTIONS} connections into smtp-sink; limit: smtp-source (-d -s ${CONNECTIONS})`,
      `in turns, the median of ${ROUNDS} by ratio; from the frozen audience to the last outcome in the ledger`,
      'every reader of every campaign accepted once',
    ],
  };
}

/** Active readers with names, straight into the tables: how they came is the matter of another benchmark. */
async function seedReaders(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `with reader as (
         insert into subscribers (address, address_key, address_hash, address_hash_key_id, name, created_at)
         select 'reader-' || n || '@readers.example', 'reader-' || n || '@readers.example', sha256(n::text::bytea), 1,
           'Robin Reader ' || n, now()
         from generate_series(1, $1::int) as n returning id
       )
       insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
       select reader.id, newsletters.id, 'active', now(), now() from reader, newsletters`,
      [READERS],
    );
    await client.query('analyze');
  });
}

async function sendOnce(
  deps: Deps,
  databaseUrl: string,
  source: string,
): Promise<{ readonly mailsPerSecond: number; readonly freezeMs: number }> {
  const { campaign } = await createCampaign(
    deps,
    {
      subject: CAMPAIGN_SUBJECT,
      preheader: null,
      format: 'markdown',
      source,
      newsletter: { slug: 'the-weekly' },
    },
    CLI_ACTOR,
  );
  const expectedCount = await countRecipients(deps.db, campaign, deps.clock.now());
  const orderedAt = Date.now();
  await sendCampaign(deps, { id: campaign.id, actor: CLI_ACTOR }, { expectedCount, start: { kind: 'immediately' } });
  await waitFor(
    'the end of the campaign',
    async () => (await requireCampaign(deps.db, campaign.id)).status === 'sent',
    SENT_WITHIN_MS,
  );
  return readLedger(databaseUrl, campaign.id, orderedAt);
}

async function readLedger(
  databaseUrl: string,
  id: CampaignId,
  orderedAt: number,
): Promise<{ readonly mailsPerSecond: number; readonly freezeMs: number }> {
  const ledger = await withClient(databaseUrl, (client) =>
    readNumbers(
      client,
      ['accepted', 'once', 'frozen', 'settled'],
      `select count(*) filter (where d.state = 'accepted') as accepted, count(*) filter (where d.attempt = 1) as once,
         extract(epoch from min(c.frozen_at)) as frozen, extract(epoch from max(d.settled_at)) as settled
       from campaigns c join deliveries d on d.campaign_id = c.id where c.id = $1`,
      [id],
    ),
  );
  if (ledger.accepted !== READERS || ledger.once !== READERS) {
    throw new Error(`the ledger does not balance: ${READERS} readers, ${JSON.stringify(ledger)}`);
  }
  return {
    mailsPerSecond: READERS / (ledger.settled - ledger.frozen),
    freezeMs: Math.max(ledger.frozen * 1000 - orderedAt, 0),
  };
}
