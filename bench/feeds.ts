import { setTimeout as delay } from 'node:timers/promises';
import {
  composeBench,
  openBenchServer,
  prepareDatabase,
  readNumbers,
  settingsFor,
  withClient,
} from './bench-database.ts';
import type { BenchContext, BenchResult } from './benchmark.ts';
import type { Figure } from './figure.ts';
import { loadFeedFiles } from './feeds/feed-files.ts';
import { measureParsing } from './feeds/parse-speed.ts';
import { startFeedServer } from './feeds/start-feed-server.ts';
import type { FeedServerReady } from './feeds/start-feed-server.ts';
import { readCpuMs } from './process-cpu.ts';
import { readPeakMemoryMb } from './process-memory.ts';
import { startRole } from './role-process.ts';
import type { RoleProcess } from './role-process.ts';

/** BENCH_FEEDS makes a shorter run. */
const FEEDS = Number(process.env['BENCH_FEEDS'] || 10_000);
const HOSTS = 200;
const TIME_TARGET = { atMost: 300 };
const MEMORY_TARGET = { atMost: 300 };
const LOOK_EVERY_MS = 250;
const GIVE_UP_MS = 20 * 60_000;

interface PollRun {
  readonly seconds: number;
  readonly workerCpuMs: number;
}

/** Reading feeds, and 10,000 of them asked by a worker that found them all due at once: new, and then unchanged. */
export async function benchFeeds(context: BenchContext): Promise<BenchResult> {
  const { files, note } = await loadFeedFiles();
  context.say('parsing');
  const parsing = measureParsing(files);
  const site = await startFeedServer(context, { hosts: HOSTS });
  const server = await openBenchServer(context);
  const databaseUrl = await server.createDatabase();
  await prepareDatabase(databaseUrl);
  const settings = settingsFor(databaseUrl, { FETCH_ALLOW: '127.0.0.0/8' });
  const { deps, close } = await composeBench(settings);
  context.cleanup.defer(close);
  await addFeeds(databaseUrl, site);
  const worker = await startRole(context, 'worker', settings, { profiled: true });
  const poll = async (what: string): Promise<PollRun> => {
    const cpuBefore = await readCpuMs(worker.pid);
    const startedAt = performance.now();
    await withClient(databaseUrl, (client) =>
      client.query(
        `update feeds set next_poll_at = now() - interval '1 second', last_polled_at = null where not is_sample`,
      ),
    );
    deps.doorbell.ring('sweep', {});
    await waitUntilPolled(context, databaseUrl);
    const run = {
      seconds: (performance.now() - startedAt) / 1000,
      workerCpuMs: (await readCpuMs(worker.pid)) - cpuBefore,
    };
    context.say(`${FEEDS} feeds ${what}: ${run.seconds.toFixed(1)} s`);
    return run;
  };
  const fresh = await poll('read');
  const stored = await countArticles(databaseUrl);
  const unchanged = await poll('unchanged');
  const figures = [...parsing.figures, ...(await pollFigures(fresh, unchanged, worker))];
  await worker.stop();
  return {
    figures,
    notes: [
      server.note,
      note,
      parsing.note,
      `polling: a worker process, the Postgres queue, ${FEEDS} feeds of ${HOSTS} loopback hosts, all due at once; ${stored} articles stored`,
    ],
  };
}

async function pollFigures(fresh: PollRun, unchanged: PollRun, worker: RoleProcess): Promise<readonly Figure[]> {
  return [
    { figure: `${FEEDS} feeds polled and stored`, value: fresh.seconds, unit: 's', target: TIME_TARGET },
    { figure: 'the same, nothing changed (304)', value: unchanged.seconds, unit: 's', target: TIME_TARGET },
    { figure: 'worker CPU per feed', value: fresh.workerCpuMs / FEEDS, unit: 'ms' },
    { figure: 'worker CPU per feed, unchanged', value: unchanged.workerCpuMs / FEEDS, unit: 'ms' },
    { figure: 'worker at most, RSS', value: await readPeakMemoryMb(worker.pid), unit: 'MB', target: MEMORY_TARGET },
  ];
}

/** As many newsletters as give each of them every file once: so every item is an article, and nothing is a twin. */
async function addFeeds(databaseUrl: string, { origins, files }: FeedServerReady): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `with made as (
         insert into newsletters (slug, name, cutoff_at, created_at, updated_at)
         select 'paper-' || n, 'Paper ' || n, now(), now(), now() from generate_series(0, ($1::int - 1) / $2::int) n
         returning id, slug
       ), sections as (
         insert into newsletter_sections (newsletter_id, slug, name, position) select id, 'all', 'All', 0 from made
         returning id, newsletter_id
       )
       insert into feeds (newsletter_id, section_id, url, added_at, next_poll_at)
       select m.id, s.id, ($3::text[])[1 + f % cardinality($3::text[])] || '/' || f % $2::int || '/' || f || '.xml', now(), 'infinity'
       from generate_series(0, $1::int - 1) f
       join made m on m.slug = 'paper-' || f / $2::int
       join sections s on s.newsletter_id = m.id`,
      [FEEDS, files, origins],
    );
  });
}

async function waitUntilPolled(context: BenchContext, databaseUrl: string): Promise<void> {
  const until = performance.now() + GIVE_UP_MS;
  await withClient(databaseUrl, async (client) => {
    for (;;) {
      const { open, failing } = await readNumbers(
        client,
        ['open', 'failing'],
        `select count(*) filter (where last_polled_at is null) as open, count(*) filter (where status = 'failing') as failing
         from feeds where not is_sample`,
      );
      if (failing > 0) {
        throw new Error(`${failing} feeds could not be read`);
      }
      if (open === 0) {
        return;
      }
      if (performance.now() > until) {
        throw new Error(`${open} feeds were not polled in time`);
      }
      await delay(LOOK_EVERY_MS, undefined, { signal: context.stopped });
    }
  });
}

/** Two files may offer the same article; then the first brings it. */
async function countArticles(databaseUrl: string): Promise<number> {
  const { articles, unread } = await withClient(databaseUrl, (client) =>
    readNumbers(
      client,
      ['articles', 'unread'],
      `select (select count(*) from articles where not is_sample) as articles,
              (select count(*) from feeds f where not is_sample
                and not exists (select from feed_polls p where p.feed_id = f.id and p.outcome = 'read' and p.item_count > 0)) as unread`,
    ),
  );
  if (unread > 0) {
    throw new Error(`${unread} feeds were not read`);
  }
  return articles;
}
