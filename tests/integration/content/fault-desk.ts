import type { IncomingMessage, ServerResponse } from 'node:http';
import { createApiToken } from '../../../src/accounts/index.ts';
import { addFeed, pollFeed } from '../../../src/content/index.ts';
import { buildIssue } from '../../../src/digests/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { createFetcher } from '../../../src/platform/http-fetch/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { FeedId, NewsletterId } from '../../../src/shared/ids.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import { SATURDAY } from './content-setup.ts';
import { openFeedSite, rssOf } from './feed-site.ts';

export type Answer = (req: IncomingMessage, res: ServerResponse) => void;

/** A real fetch, for those who do not want to wait: what hangs or drips is given up after this. */
const IMPATIENT = { totalTimeoutMs: 1500, idleTimeoutMs: 500 };

/** A paper with a feed that is well and one that is not, as the clock, the admin and the issue see them. */
export async function openFaultDesk() {
  const clock = createFakeClock(SATURDAY);
  const system = await startTestSystem({ worker: false, clock });
  const site = await openFeedSite();
  const fetchReally = createFetcher({ allow: ['127.0.0.0/8'], contactUrl: 'https://news.example' });
  const deps = {
    ...system.deps,
    fetcher: ((url, options) => fetchReally(url, { ...options, ...IMPATIENT })) satisfies typeof fetchReally,
  };
  // Unlike a session it outlives the weeks that the clock jumps.
  const { secret } = await createApiToken(deps, {
    name: 'tests',
    scopes: ['newsletters:read', 'system:read'],
    expiresInDays: 730,
    actor: CLI_ACTOR,
  });
  const read = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await fetch(`${system.url}/api/v1${path}`, { headers: { Authorization: `Bearer ${secret}` } });
    return (await answer.json()) as Record<string, unknown>;
  };
  let count = 0;
  return {
    clock,
    deps,
    site,
    newPaper: async (): Promise<{ readonly id: NewsletterId; readonly well: FeedId; readonly ill: FeedId }> => {
      count += 1;
      const input = { name: `Paper ${count}`, cron: '0 8 * * 1', timeZone: 'Europe/Berlin' };
      const { id } = await createNewsletter(deps, input, CLI_ACTOR);
      const add = (path: string, slug: string): Promise<FeedId> =>
        addFeed(deps, { newsletterId: id, section: { slug }, url: `${site.url}${path}` }, CLI_ACTOR);
      return { id, well: await add('/well', 'insights'), ill: await add('/ill', 'opinion') };
    },
    /** What the ill feed answers from now on. The other one always has the same two articles. */
    answer: (answer: Answer): void => {
      site.answer = (req, res) => {
        if (req.url === '/well') {
          res.end(rssOf([{ id: 'well-1' }, { id: 'well-2', minutesAgo: 5 }], clock.now()));
        } else {
          answer(req, res);
        }
      };
    },
    poll: (feedId: FeedId) => pollFeed(deps, feedId, { force: true }),
    /** The clock comes to the time of the next issue, which is built: the titles in it. */
    buildNext: async (newsletterId: NewsletterId): Promise<readonly string[]> => {
      const { next_run_at: nextRunAt } = await deps.db
        .selectFrom('newsletters')
        .select('next_run_at')
        .where('id', '=', newsletterId)
        .executeTakeFirstOrThrow();
      clock.set(nextRunAt ?? clock.now());
      await buildIssue(deps, newsletterId);
      const rows = await deps.db
        .selectFrom('issue_articles as i')
        .innerJoin('articles as a', 'a.id', 'i.article_id')
        .select('a.title')
        .where('i.newsletter_id', '=', newsletterId)
        .where('i.issue_id', '=', (eb) =>
          eb
            .selectFrom('issues')
            .select((issue) => issue.fn.max('issues.id').as('id'))
            .where('issues.newsletter_id', '=', newsletterId),
        )
        .orderBy('i.position')
        .execute();
      return rows.map(({ title }) => title);
    },
    /** What the admin sees of a feed. */
    look: async (newsletterId: NewsletterId, feedId: FeedId) => {
      const feeds = await read(`/newsletters/${newsletterId}/feeds`);
      const polls = await read(`/feeds/${feedId}/polls`);
      const list = feeds['feeds'] as readonly Readonly<Record<string, unknown>>[];
      return {
        feed: list.find(({ id }) => id === feedId) ?? {},
        polls: polls['polls'] as readonly Readonly<Record<string, unknown>>[],
      };
    },
    warnings: async (): Promise<readonly string[]> => {
      const overview = await read('/overview');
      return (overview['warnings'] as readonly { readonly code: string }[]).map(({ code }) => code);
    },
    close: async () => {
      await site.close();
      await system.stop();
    },
  };
}

export type FaultDesk = Awaited<ReturnType<typeof openFaultDesk>>;
