import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../../../src/compose.ts';
import { buildIssue } from '../../../src/digests/index.ts';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import { QUICK_LEASE } from '../../../src/sending/index.ts';
import type { IssueFailPoint } from '../../../src/shared/fail-points.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { startWorker } from '../../../workers/start-worker.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startFaultSink } from '../support/start-sink.ts';
import { composeScene, startStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const READERS = 40;
const ARTICLES = 3;
const MINUTE_MS = 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ readers: READERS });
});
afterAll(() => stage.close());

describe('an issue built by a worker that is killed between two steps', () => {
  it.concurrent.each(['issue-schedule', 'issue-row', 'issue-articles', 'issue-campaign', 'issue-commit'] as const)(
    'at %s: it is one issue, whole, and everybody gets it once (T8, T15)',
    async (point) => {
      await expectOneIssue(point, async (deps, id) => {
        await setRunAt(deps, id, -MINUTE_MS);
      });
    },
  );
});

describe('an issue whose deadline is decided by a worker that is killed between two steps', () => {
  it.concurrent.each(['approve-row', 'issue-campaign', 'approve-commit'] as const)(
    'at %s: it is sent once, whole (T8, T15)',
    async (point) => {
      await expectOneIssue(point, (deps, id) => makeOverdue(deps, id, 'send'));
    },
  );

  it.concurrent.each(['drop-row', 'drop-articles'] as const)(
    'at %s: it is dropped, and all of its articles are free',
    async (point) => {
      await withScene(async ({ deps, newsletterId, sink, crash, work }) => {
        await makeOverdue(deps, newsletterId, 'drop');
        await crash(point);
        expect(await readIssues(deps, newsletterId)).toMatchObject([
          { status: 'awaiting_approval', articles: ARTICLES, campaigns: 0 },
        ]);
        await work();
        deps.doorbell.ring('sweep', {});
        await waitFor('the issue to be dropped', async () => {
          const [issue] = await readIssues(deps, newsletterId);
          return issue?.status === 'dropped';
        });
        expect(await readIssues(deps, newsletterId)).toMatchObject([{ status: 'dropped', articles: 0, campaigns: 0 }]);
        expect(await sink.read()).toEqual([]);
      });
    },
  );
});

/** Prepared as given, a worker dies at the point, another one comes. */
async function expectOneIssue(
  point: IssueFailPoint,
  prepare: (deps: Deps, newsletterId: NewsletterId) => Promise<void>,
): Promise<void> {
  await withScene(async ({ deps, newsletterId, sink, crash, work }) => {
    await prepare(deps, newsletterId);
    await crash(point);
    await work();
    deps.doorbell.ring('sweep', {});
    await waitFor(
      'the issue to be sent',
      async () => {
        const [issue] = await readIssues(deps, newsletterId);
        return issue?.finished === 1;
      },
      60_000,
    );
    expect(await readIssues(deps, newsletterId)).toMatchObject([
      { status: 'approved', number: 2, articles: ARTICLES, shown: ARTICLES, campaigns: 1, finished: 1 },
    ]);
    const recipients = (await sink.read()).map(({ recipient }) => recipient);
    expect(recipients.length).toBe(READERS);
    expect(new Set(recipients).size).toBe(READERS);
  });
}

interface IssueScene {
  readonly deps: Deps;
  readonly newsletterId: NewsletterId;
  readonly sink: Awaited<ReturnType<typeof startFaultSink>>;
  /** A worker process that ends there. */
  crash(point: IssueFailPoint): Promise<void>;
  /** One that stays. */
  work(): Promise<void>;
}

async function withScene(play: (scene: IssueScene) => Promise<void>): Promise<void> {
  const settings = await stage.prepare();
  const sink = await startFaultSink();
  const environment = { ...settings, SMTP_URL: `${sink.url}?connections=5` };
  const { deps, close } = await composeScene(environment);
  const locals: Awaited<ReturnType<typeof startWorker>>[] = [];
  try {
    await play({
      deps,
      newsletterId: await fillNewsletter(deps),
      sink,
      crash: async (point) => {
        const victim = startWorkerProcess(environment, `${point}:1`);
        // Due issues are seen within a second; deadlines are decided by the sweep.
        await victim.ready;
        deps.doorbell.ring('sweep', {});
        expect(await victim.exited).toBe('SIGKILL');
      },
      work: async () => {
        locals.push(await startWorker(deps, QUICK_LEASE));
      },
    });
  } finally {
    await Promise.all(locals.map((local) => local.stop(5000)));
    await sink.stop();
    await close();
  }
}

/** Articles that wait, and one issue long ago, so that the next needs no person. */
async function fillNewsletter(deps: Deps): Promise<NewsletterId> {
  const { id, sections } = await requireNewsletter(deps.db, { slug: 'the-weekly' });
  await setRunAt(deps, id, 24 * 60 * MINUTE_MS);
  await sql`
    insert into issues (newsletter_id, kind, period_at, number, status, from_at, cutoff_at, title, content, created_at, published_at)
    select ${id}, 'scheduled', now() - interval '30 days', 1, 'approved', now() - interval '37 days', now() - interval '30 days',
      'The first', ${JSON.stringify({ title: 'The first', preheader: '', sections: [] })}, now() - interval '30 days', now() - interval '30 days'`.execute(
    deps.db,
  );
  await sql`update newsletters set cutoff_at = now() - interval '7 days' where id = ${id}`.execute(deps.db);
  await sql`
    insert into articles (newsletter_id, section_id, url, title, first_seen_at)
    select ${id}, ${sections[0]?.id ?? 0}, 'https://paper.example/' || n, 'Article ' || n, now() - interval '1 day'
    from generate_series(1, ${ARTICLES}::int) n`.execute(deps.db);
  return id;
}

async function setRunAt({ db, clock }: Deps, id: NewsletterId, inMs: number): Promise<void> {
  const at = new Date(clock.now().getTime() + inMs);
  await sql`update newsletters set next_run_at = ${at} where id = ${id}`.execute(db);
}

/** Built ahead for editors who did not come. */
async function makeOverdue(deps: Deps, id: NewsletterId, policy: 'send' | 'drop'): Promise<void> {
  await sql`
    insert into digest_rules (newsletter_id, approval, prepare_hours, deadline_policy, updated_at)
    values (${id}, 'required', 1, ${policy}, now())
    on conflict (newsletter_id) do update set approval = 'required', prepare_hours = 1, deadline_policy = ${policy}`.execute(
    deps.db,
  );
  await setRunAt(deps, id, 10 * MINUTE_MS);
  expect((await buildIssue(deps, id)).kind).toBe('awaiting-approval');
  await sql`update issues set period_at = now() - interval '1 minute' where newsletter_id = ${id} and status = 'awaiting_approval'`.execute(
    deps.db,
  );
}

interface IssueRow {
  readonly status: string;
  readonly number: number | null;
  readonly articles: number;
  /** In what is mailed. */
  readonly shown: number;
  readonly campaigns: number;
  readonly finished: number;
}

/** All but the first. */
async function readIssues({ db }: Deps, id: NewsletterId): Promise<readonly IssueRow[]> {
  const { rows } = await sql<IssueRow>`
    select i.status, i.number,
      (select count(*) from issue_articles a where a.issue_id = i.id) as articles,
      jsonb_array_length(coalesce(jsonb_path_query_array(i.content, '$.sections[*].articles[*]'), '[]')) as shown,
      (select count(*) from campaigns c where c.issue_id = i.id) as campaigns,
      (select count(*) from campaigns c where c.issue_id = i.id and c.finished_at is not null) as finished
    from issues i where i.newsletter_id = ${id} and i.number is distinct from 1 order by i.id`.execute(db);
  return rows;
}
