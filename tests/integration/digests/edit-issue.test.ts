import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildIssue, digestsRoutes } from '../../../src/digests/index.ts';
import { createApp } from '../../../src/http/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { loadMailTemplates } from '../../../src/rendering/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { IssueId } from '../../../src/shared/ids.ts';
import { listen } from '../../support/listen.ts';
import type { Listening } from '../../support/listen.ts';
import { SATURDAY } from '../content/content-setup.ts';
import { FIRST_RUN, openDigests, WEEK_MS } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

interface IssueJson {
  readonly revision: number;
  readonly title: string;
  readonly intro: string;
  readonly html: string;
  readonly sections: readonly {
    readonly id: number;
    readonly name: string;
    readonly articles: readonly { readonly id: number; readonly title: string; readonly summaryText: string }[];
  }[];
}

let setup: DigestSetup;
let server: Listening;
let paper: Newsletter;
let issueId: IssueId;

beforeAll(async () => {
  setup = await openDigests();
  const config = {
    publicUrl: 'http://localhost:3000',
    mailFrom: undefined,
    postalAddress: '1 Harbour Street',
    smtpIsLoopback: true,
  };
  server = await listen(
    createApp({
      log: setup.log,
      publicUrl: config.publicUrl,
      trustProxy: false,
      authenticate: () => Promise.resolve(CLI_ACTOR),
      apiRoutes: digestsRoutes({ ...setup, config, mailTemplates: loadMailTemplates() }),
      routers: [],
    }),
  );
});
afterAll(async () => {
  await server.close();
  await setup.close();
});
/** An issue with two insights and an opinion waits. */
beforeEach(async () => {
  setup.clock.set(SATURDAY);
  paper = await setup.newNewsletter();
  await setup.publish(paper.id, 'opinion', 'o1');
  await setup.publish(paper.id, 'insights', 'i1', 'i2');
  setup.clock.set(FIRST_RUN);
  const built = await buildIssue(setup, paper.id);
  if (built.kind !== 'awaiting-approval') {
    throw new Error(`the issue is ${built.kind}`);
  }
  issueId = built.issueId;
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> {
  const response = await fetch(`${server.origin}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, body: (await response.json()) as never };
}

async function shown(): Promise<IssueJson> {
  return (await call('GET', `/issues/${issueId}`)).body;
}

function edit(changes: object) {
  return call('PATCH', `/issues/${issueId}`, changes);
}

function layOf(issue: IssueJson): readonly (readonly [string, readonly string[]])[] {
  return issue.sections.map(({ name, articles }) => [name, articles.map(({ title }) => title)]);
}

function asInput(issue: IssueJson) {
  return issue.sections.map(({ id, articles }) => ({ id, articles: articles.map((article) => ({ id: article.id })) }));
}

async function heldTitles(): Promise<readonly string[]> {
  const rows = await setup.db
    .selectFrom('issue_articles as i')
    .innerJoin('articles as a', 'a.id', 'i.article_id')
    .select('a.title')
    .where('i.issue_id', '=', issueId)
    .orderBy('i.position')
    .execute();
  return rows.map(({ title }) => title);
}

async function candidates(query = ''): Promise<readonly { readonly id: number; readonly title: string }[]> {
  const { body } = await call('GET', `/issues/${issueId}/candidates${query}`);
  return (body as { articles: readonly { id: number; title: string }[] }).articles;
}

describe('editing a waiting issue', () => {
  it('changes its words, and the mail says them', async () => {
    const answer = await edit({
      revision: 0,
      title: 'A  better\nheadline',
      preheader: 'And more',
      intro: 'Dear **readers**',
    });
    expect(answer).toMatchObject({ status: 200, body: { revision: 1 } });
    const issue = await shown();
    expect(issue).toMatchObject({ revision: 1, title: 'A better headline', preheader: 'And more' });
    expect(issue.html).toContain('<strong>readers</strong>');
    await edit({ revision: 1, intro: '' });
    expect(await shown()).toMatchObject({ revision: 2, intro: '', title: 'A better headline' });
  });

  it('moves articles within and between sections and orders the sections anew', async () => {
    const [insights, opinion] = asInput(await shown());
    const [first, second] = insights?.articles ?? [];
    const sections = [
      {
        id: opinion?.id,
        articles: [{ ...second, title: 'Moved', summaryText: 'Short.' }, ...(opinion?.articles ?? [])],
      },
      { id: insights?.id, articles: [first] },
    ];
    expect((await edit({ revision: 0, sections })).status).toBe(200);
    const issue = await shown();
    expect(layOf(issue)).toEqual([
      ['Opinion', ['Moved', 'Article o1']],
      ['Insights', ['Article i1']],
    ]);
    expect(issue.sections[0]?.articles[0]).toMatchObject({ summaryText: 'Short.' });
    expect(await heldTitles()).toEqual(['Article i2', 'Article o1', 'Article i1']);
  });

  it('lets a dropped article go, offers it again, and takes it back', async () => {
    const [insights] = asInput(await shown());
    const dropped = insights?.articles[1]?.id;
    const sections = [{ id: insights?.id, articles: insights?.articles.slice(0, 1) }];
    await edit({ revision: 0, sections });
    expect(layOf(await shown())).toEqual([['Insights', ['Article i1']]]);
    expect((await candidates()).map(({ title }) => title).toSorted()).toEqual(['Article i2', 'Article o1']);
    expect((await candidates('?q=O1')).map(({ title }) => title)).toEqual(['Article o1']);
    expect(await candidates('?q=%25')).toEqual([]);
    const again = [{ id: insights?.id, articles: [{ id: dropped }, ...(insights?.articles.slice(0, 1) ?? [])] }];
    expect((await edit({ revision: 1, sections: again })).status).toBe(200);
    expect(layOf(await shown())).toEqual([['Insights', ['Article i2', 'Article i1']]]);
    expect(await heldTitles()).toEqual(['Article i2', 'Article i1']);
  });

  it('lets one of two tabs win, and tells the other', async () => {
    const answers = await Promise.all(['Mine', 'Yours'].map((title) => edit({ revision: 0, title })));
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '409']);
    expect(answers.find(({ status }) => status === 409)).toMatchObject({ body: { code: 'issue_changed' } });
    expect(await shown()).toMatchObject({ revision: 1 });
  });

  it('refuses an empty issue, an article twice, and what belongs to somebody else', async () => {
    const [insights] = asInput(await shown());
    const one = insights?.articles[0];
    const other = await setup.newNewsletter();
    const refused = async (sections: unknown) => (await edit({ revision: 0, sections })).body;
    expect(await refused([])).toMatchObject({ code: 'issue_empty' });
    expect(await refused([{ id: insights?.id, articles: [one, one] }])).toMatchObject({ code: 'article_twice' });
    expect(await refused([{ id: other.sections[0]?.id, articles: [one] }])).toMatchObject({ code: 'section_unknown' });
    expect(await refused([{ id: insights?.id, articles: [{ id: 999_999 }] }])).toMatchObject({
      code: 'article_unknown',
      errors: [{ field: 'sections.0.articles.0.id' }],
    });
    expect((await edit({ revision: 0, title: '  ' })).body).toMatchObject({ errors: [{ code: 'title_missing' }] });
    expect((await edit({ title: 'No revision' })).status).toBe(422);
    expect(await shown()).toMatchObject({ revision: 0, title: 'Article i1' });
    expect(await heldTitles()).toHaveLength(3);
  });

  it('approves only what its editor has seen, and changes nothing after that', async () => {
    await edit({ revision: 0, title: 'Second thoughts' });
    const stale = await call('POST', `/issues/${issueId}/approve`, { revision: 0 });
    expect(stale).toMatchObject({ status: 409, body: { code: 'issue_changed' } });
    const approved = await call('POST', `/issues/${issueId}/approve`, { revision: 1 });
    expect(approved).toMatchObject({ status: 200, body: { status: 'approved', title: 'Second thoughts' } });
    const campaign = await setup.db
      .selectFrom('campaigns')
      .select('subject')
      .where('issue_id', '=', issueId)
      .executeTakeFirstOrThrow();
    expect(campaign.subject).toBe('Second thoughts');
    expect(await edit({ revision: 1, title: 'Too late' })).toMatchObject({
      status: 409,
      body: { code: 'issue_already_decided' },
    });
    expect((await call('PATCH', '/issues/999999', { revision: 0 })).status).toBe(404);
    expect((await call('GET', '/issues/999999/candidates')).status).toBe(404);
  });

  it('shows the mail with changes that are not saved, and stores nothing of it', async () => {
    const [insights] = asInput(await shown());
    const preview = (changes: object) => call('POST', `/issues/${issueId}/preview`, changes);
    const sections = [{ id: insights?.id, articles: [{ ...insights?.articles[1], title: 'Only this one' }] }];
    const answer = await preview({ revision: 7, title: 'Tried', intro: 'Dear **readers**', sections });
    expect(answer).toMatchObject({ status: 200, body: { subject: 'Tried', warnings: [] } });
    const { html } = answer.body as { html: string };
    expect(html).toContain('Only this one');
    expect(html).toContain('<strong>readers</strong>');
    expect(html).not.toContain('Opinion');
    expect(await shown()).toMatchObject({ revision: 0, title: 'Article i1', intro: '' });
    expect(await heldTitles()).toHaveLength(3);
    expect(await preview({ revision: 0, sections: [] })).toMatchObject({ status: 422, body: { code: 'issue_empty' } });
    await call('POST', `/issues/${issueId}/drop`);
    expect(await preview({ revision: 0 })).toMatchObject({ status: 409, body: { code: 'issue_already_decided' } });
    expect((await call('POST', '/issues/999999/preview', { revision: 0 })).status).toBe(404);
  });

  it('never offers what another issue holds', async () => {
    await call('POST', `/issues/${issueId}/approve`, {});
    await setup.publish(paper.id, 'insights', 'week-2');
    setup.clock.set(new Date(Date.parse(FIRST_RUN) + WEEK_MS));
    await buildIssue(setup, paper.id);
    expect(await candidates()).toEqual([]);
  });

  it('leaves a line in the audit log, without the words', async () => {
    await edit({ revision: 0, title: 'Audited' });
    const entry = await setup.db
      .selectFrom('audit_log')
      .selectAll()
      .where('action', '=', 'issue.edited')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(entry).toMatchObject({ details: { fields: ['title'], revision: 1 } });
  });
});

describe('what is said of issues', () => {
  const listed = async () =>
    (await call('GET', `/newsletters/${paper.id}/issues`)).body as { issues: readonly object[] };

  it('tells what a waiting one waits for, and why one was dropped', async () => {
    expect((await listed()).issues).toMatchObject([
      { status: 'awaiting_approval', waitsBecause: 'first', atDeadline: 'wait', droppedBy: null, articleCount: 3 },
    ]);
    await call('POST', `/issues/${issueId}/drop`);
    expect(await call('POST', `/issues/${issueId}/drop`)).toMatchObject({ status: 200, body: { status: 'dropped' } });
    expect((await listed()).issues).toMatchObject([
      { status: 'dropped', atDeadline: null, droppedBy: 'person', articleCount: 3 },
    ]);
  });

  it('approves at its time or now, takes it back, and answers a repeated request alike', async () => {
    expect((await call('POST', `/issues/${issueId}/approve`, { when: 'soon' })).status).toBe(422);
    const first = await call('POST', `/issues/${issueId}/approve`, { revision: 0, when: 'now' });
    expect(first).toMatchObject({ status: 200, body: { status: 'approved', isWithdrawable: true } });
    expect(await call('POST', `/issues/${issueId}/approve`, { revision: 0, when: 'now' })).toEqual(first);
    const back = await call('POST', `/issues/${issueId}/withdraw`);
    expect(back).toMatchObject({ status: 200, body: { status: 'awaiting_approval', campaignId: null, number: null } });
    expect(await call('POST', `/issues/${issueId}/withdraw`)).toEqual(back);
  });

  it('lists the next ten times that are still to come', async () => {
    const { body } = await call('GET', `/newsletters/${paper.id}/next-issue`);
    const { runs } = body as { runs: readonly string[] };
    expect(runs).toHaveLength(10);
    expect(runs.slice(0, 2)).toEqual(['2026-11-30T07:00:00.000Z', '2026-12-07T07:00:00.000Z']);
  });
});

describe('a look that is tried', () => {
  const tried = (look: object) => call('POST', `/newsletters/${paper.id}/look-preview`, look);

  it('shows the last issue in it and what becomes of a pale colour, and stores nothing', async () => {
    const look = { accentColor: '#FFD400', footerText: 'Made by people.', layout: 'plain' };
    const answer = await tried(look);
    expect(answer).toMatchObject({ status: 200, body: { shows: 'last', accent: { chosen: '#ffd400' } } });
    const { accent, html } = answer.body as { accent: { light: string }; html: string };
    expect(accent.light).not.toBe('#ffd400');
    expect(html).toContain('Made by people.');
    expect(html).toContain('Article i1');
    expect(html).toContain(accent.light);
    expect(
      await setup.db.selectFrom('newsletter_brands').selectAll().where('newsletter_id', '=', paper.id).execute(),
    ).toEqual([]);
  });

  it('shows made-up articles while there are none, and what is new when there is', async () => {
    const empty = await setup.newNewsletter();
    expect((await call('POST', `/newsletters/${empty.id}/look-preview`, {})).body).toMatchObject({
      shows: 'sample',
      accent: null,
    });
    await setup.publish(paper.id, 'insights', 'new-one');
    expect((await tried({})).body).toMatchObject({ shows: 'next' });
  });

  it('refuses what is no colour', async () => {
    expect((await tried({ accentColor: 'red' })).body).toMatchObject({
      errors: [{ field: 'accentColor', code: 'color_invalid' }],
    });
  });
});
