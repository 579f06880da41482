import { startCampaign } from '../src/campaigns/index.ts';
import type { Deps } from '../src/compose.ts';
import { runDigestNow } from '../src/digests/index.ts';
import { requireNewsletter } from '../src/newsletters/index.ts';
import { CLI_ACTOR } from '../src/shared/actor.ts';
import type { CampaignId } from '../src/shared/ids.ts';
import {
  composeBench,
  openBenchServer,
  prepareDatabase,
  readNumbers,
  settingsFor,
  withClient,
} from './bench-database.ts';
import type { BenchContext, BenchResult } from './benchmark.ts';
import { compare } from './figure.ts';
import { readPeakMemoryMb } from './process-memory.ts';
import { orderCampaign, seedReaders } from './sending/campaign-run.ts';

const FEW = 50_000;
const MANY = 1_000_000;
/** 200 different choices need eight sections to choose from. */
const SECTIONS = 8;
const SELECTIONS = 200;
const ARTICLES_PER_SECTION = 5;
const PLAIN_TEXT = 'The council met on Tuesday evening and put the decision off until spring.';

/** An issue for a million readers who chose their sections, beside a campaign for the same readers. Takes some minutes. */
export async function benchDigest(context: BenchContext): Promise<BenchResult> {
  const server = await openBenchServer(context);
  const databaseUrl = await server.createDatabase();
  await prepareDatabase(databaseUrl);
  const { deps, close } = await composeBench(settingsFor(databaseUrl));
  context.cleanup.defer(close);
  await addSections(databaseUrl);
  const small = await measureIssue(context, deps, databaseUrl, FEW);
  const peakSmallMb = await readPeakMemoryMb(process.pid);
  await seedReaders(databaseUrl, MANY - FEW, 'more');
  const campaign = await orderCampaign(deps, PLAIN_TEXT);
  const campaignMs = await measureFreeze(deps, campaign.id);
  context.say(`a campaign for ${campaign.readers} readers: frozen after ${Math.round(campaignMs)} ms`);
  const large = await measureIssue(context, deps, databaseUrl, 0);
  const peakMb = await readPeakMemoryMb(process.pid);
  return {
    figures: [
      {
        figure: `an issue for a million readers with ${SELECTIONS} selections, from its time to all frozen`,
        value: large.freezeMs / 1000,
        unit: 's',
        target: { atMost: 60 },
      },
      compare({
        figure: 'the same; limit: a campaign for the same readers',
        value: large.freezeMs / 1000,
        unit: 's',
        limit: campaignMs / 1000,
      }),
      compare({
        figure: 'mails compiled; limit: distinct lists of articles, and the whole issue',
        value: large.mails,
        unit: '',
        limit: large.variants + 1,
        target: { ratioAtMost: 1 },
      }),
      compare({
        figure: 'peak memory after a million, RSS; limit: after 50,000',
        value: peakMb,
        unit: 'MB',
        limit: peakSmallMb,
        target: { ratioAtMost: 1.2 },
      }),
    ],
    notes: [server.note, `50,000 readers: frozen after ${Math.round(small.freezeMs)} ms`],
  };
}

interface IssueRun {
  readonly freezeMs: number;
  readonly mails: number;
  readonly variants: number;
}

/** Adds as many readers, lets all choose, and freezes an issue of new articles. @throws Error when somebody is left out. */
async function measureIssue(context: BenchContext, deps: Deps, databaseUrl: string, more: number): Promise<IssueRun> {
  await seedReaders(databaseUrl, more);
  await chooseSections(databaseUrl);
  await addArticles(databaseUrl);
  const newsletter = await requireNewsletter(deps.db, { slug: 'the-weekly' });
  const run = await runDigestNow(deps, newsletter, CLI_ACTOR);
  if (run.kind !== 'published') {
    throw new Error('there was no issue');
  }
  const before = await countRows(databaseUrl, run.campaignId);
  const freezeMs = await measureFreeze(deps, run.campaignId);
  const after = await countRows(databaseUrl, run.campaignId);
  if (after.deliveries !== after.readers || after.variants !== SELECTIONS) {
    throw new Error(`somebody got nothing, or another mail: ${JSON.stringify(after)}`);
  }
  context.say(`an issue for ${after.readers} readers: frozen after ${Math.round(freezeMs)} ms`);
  return { freezeMs, mails: after.mails - before.mails, variants: after.variants };
}

async function measureFreeze(deps: Deps, id: CampaignId): Promise<number> {
  const startedAt = performance.now();
  const outcome = await startCampaign(deps, id);
  if (outcome.kind !== 'started') {
    throw new Error(`campaign ${id} did not start: ${JSON.stringify(outcome)}`);
  }
  return performance.now() - startedAt;
}

function countRows(
  databaseUrl: string,
  id: CampaignId,
): Promise<Readonly<Record<'deliveries' | 'readers' | 'mails' | 'variants', number>>> {
  return withClient(databaseUrl, (client) =>
    readNumbers(
      client,
      ['deliveries', 'readers', 'mails', 'variants'],
      `select (select count(*) from deliveries where campaign_id = $1) as deliveries, (select count(*) from subscriptions) as readers,
         (select count(*) from compiled_mails) as mails, (select count(*) from issue_variants where campaign_id = $1) as variants`,
      [id],
    ),
  );
}

async function addSections(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `insert into newsletter_sections (newsletter_id, slug, name, position)
       select id, 'bench-' || n, 'Section ' || n, 100 + n from newsletters, generate_series(1, $1::int) n`,
      [SECTIONS],
    );
  });
}

/** Each bit of a number from 1 to 200 is a section that its reader wants. */
async function chooseSections(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `with choice as (
         select c as number, array_agg(s.id order by s.id) as section_ids
         from generate_series(1, $1::int) c join newsletter_sections s on s.position > 100 and c >> (s.position - 101) & 1 = 1 group by c
       )
       update subscriptions n set section_ids = choice.section_ids from choice where choice.number = 1 + n.subscriber_id % $1::int`,
      [SELECTIONS],
    );
    await client.query('vacuum analyze subscriptions');
  });
}

async function addArticles(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `insert into articles (newsletter_id, section_id, url, title, summary_text, author, source_name, word_count, first_seen_at)
       select s.newsletter_id, s.id, 'https://paper.example/' || gen_random_uuid(), 'What the council decided in ' || s.name || ', part ' || n,
         repeat($1 || ' ', 4), 'Robin Writer', 'The Paper', 900, clock_timestamp()
       from newsletter_sections s, generate_series(1, $2::int) n where s.position > 100`,
      [PLAIN_TEXT, ARTICLES_PER_SECTION],
    );
  });
}
