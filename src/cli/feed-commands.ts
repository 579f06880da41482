import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import type { FeedReading, listFeeds, pollFeed } from '../content/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import { systemClock } from '../shared/clock.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns } from './output.ts';
import { presentReading } from './present-reading.ts';
import { readGivenFile } from './read-given-file.ts';
import { readSettings } from './session.ts';

interface GivenReading {
  readonly url: string;
  readonly reading: FeedReading;
}

type PolledFeed = Awaited<ReturnType<typeof listFeeds>>[number];
type PollOutcome = Awaited<ReturnType<typeof pollFeed>>;

export function feedCommands(program: Command, context: CliContext): void {
  const group = program.command('feed').description('where articles come from');

  group
    .command('add <newsletter> <url>')
    .description('add a feed, or the one feed of a web page, to a section of a newsletter; prints its id')
    .requiredOption('--section <slug>', 'short name of the section')
    .action((slug: string, url: string, { section }: { section: string }) =>
      context.withDeps(async (deps, output) => {
        const { requireNewsletter } = await import('../newsletters/index.ts');
        const { addFoundFeed } = await import('../content/index.ts');
        const { id: newsletterId } = await requireNewsletter(deps.db, { slug });
        const input = { newsletterId, section: { slug: section }, url };
        const added = await addFoundFeed(deps, input, CLI_ACTOR);
        output.result(String(added.feedId), { id: added.feedId, url: added.url, warning: added.warning });
        if (added.warning !== null) {
          output.note(added.warning);
        }
      }),
    );

  group
    .command('poll [newsletter]')
    .description('ask all feeds for news now, whatever their schedule')
    .action((slug: string | undefined) =>
      context.withDeps(async (deps, output) => {
        const polled = await pollAll(deps, slug);
        const rows = polled.map(({ feed, outcome }) => [String(feed.id), describe(outcome), feed.url]);
        output.result(
          alignColumns(rows),
          polled.map(({ feed, outcome }) => ({ feedId: feed.id, url: feed.url, ...outcome })),
        );
      }),
    );

  group
    .command('read <file-or-url>')
    .description('show what is understood of a feed, or of the only feed of a page; stores nothing')
    .action(async (source: string) => {
      const { url, reading } = await read(context, source);
      const output = context.output();
      if (url !== source && !output.isJson) {
        output.note(`This is a page; its feed is ${url}`);
      }
      output.result(presentReading(reading), { url, ...reading });
      for (const { code, message } of output.isJson ? [] : reading.warnings) {
        output.note(`${code}: ${message}`);
      }
    });
}

async function pollAll(
  deps: Deps,
  slug: string | undefined,
): Promise<readonly { readonly feed: PolledFeed; readonly outcome: PollOutcome }[]> {
  const { listFeeds, pollFeed } = await import('../content/index.ts');
  const { requireNewsletter } = await import('../newsletters/index.ts');
  const newsletterId = slug === undefined ? undefined : (await requireNewsletter(deps.db, { slug })).id;
  const polled = [];
  for (const feed of await listFeeds(deps.db, newsletterId)) {
    polled.push({ feed, outcome: await pollFeed(deps, feed.id, { force: true }) });
  }
  return polled;
}

function describe(outcome: PollOutcome): string {
  switch (outcome.kind) {
    case 'read':
      return `${outcome.newCount} new of ${outcome.itemCount}`;
    case 'failed':
      return `${outcome.code}: ${outcome.message}`;
    case 'not-modified':
      return 'nothing new';
    case 'not-due':
    case 'host-busy':
      return 'is being polled by a worker';
    case 'cancelled':
    case 'gone':
      return outcome.kind;
    default:
      return outcome satisfies never;
  }
}

/** In the thread that reads them for the worker, under the same guards: a stranger's file is no safer here. */
async function read({ environment }: CliContext, source: string): Promise<GivenReading> {
  const { createFeedReader } = await import('../content/index.ts');
  const feedReader = createFeedReader();
  try {
    if (/^https?:/i.test(source)) {
      const { readFoundFeed } = await import('../content/index.ts');
      const { createFetcher } = await import('../platform/http-fetch/index.ts');
      const config = await readSettings(environment);
      const fetcher = createFetcher({ allow: config.fetchAllow, contactUrl: config.publicUrl });
      return await readFoundFeed({ fetcher, feedReader, clock: systemClock }, source);
    }
    const input = {
      bytes: await readGivenFile(source),
      contentType: undefined,
      url: undefined,
      now: systemClock.now(),
    };
    const reading = await feedReader.read({ ...input, isFull: true });
    if (reading.kind === 'not-a-feed') {
      throw inputError(reading.reason, reading.message);
    }
    return { url: source, reading };
  } finally {
    await feedReader.close();
  }
}
