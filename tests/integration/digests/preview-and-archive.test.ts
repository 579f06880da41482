import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archivePages } from '../../../src/archive/index.ts';
import { digestsRoutes, previewNextIssue, runDigestNow } from '../../../src/digests/index.ts';
import { contentRoutes } from '../../../src/content/index.ts';
import { createApp } from '../../../src/http/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { loadMailTemplates } from '../../../src/rendering/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { openDigests } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

const config = {
  publicUrl: 'http://localhost:3000',
  mailFrom: undefined,
  postalAddress: '1 Harbour Street, Alderhaven',
  smtpIsLoopback: true,
};

let setup: DigestSetup;
let server: Server;
let base: string;
let deps: DigestSetup & {
  readonly config: typeof config;
  readonly mailTemplates: ReturnType<typeof loadMailTemplates>;
};

beforeAll(async () => {
  setup = await openDigests();
  deps = { ...setup, config, mailTemplates: loadMailTemplates() };
  const app = createApp({
    log: setup.log,
    publicUrl: config.publicUrl,
    trustProxy: false,
    authenticate: () => Promise.resolve(CLI_ACTOR),
    apiRoutes: [...contentRoutes(setup), ...digestsRoutes(deps)],
    routers: [archivePages({ db: setup.db, publicUrl: config.publicUrl })],
  });
  server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await setup.close();
});

async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${base}${path}`, { headers: { accept: 'text/html' } });
  return { status: response.status, text: await response.text() };
}

async function api(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: response.status === 204 ? undefined : await response.json() };
}

/** Titles as hostile as feeds may send them. */
async function publishedNewsletter(): Promise<Newsletter> {
  const newsletter = await setup.newNewsletter();
  await setup.publish(newsletter.id, 'insights', 'plain');
  await setup.db
    .updateTable('articles')
    .set({
      title: '<script>alert(1)</script> {{ links.unsubscribe }}',
      summary_text: '"><img src=x onerror=alert(1)> & more',
    })
    .where('newsletter_id', '=', newsletter.id)
    .execute();
  await runDigestNow(setup, newsletter, CLI_ACTOR);
  return newsletter;
}

test('the next issue is previewed as it would be, and nothing is written', async () => {
  const newsletter = await setup.newNewsletter();
  expect(await previewNextIssue(deps, newsletter)).toMatchObject({ articleCount: 0, sections: [], mail: null });
  await setup.publish(newsletter.id, 'opinion', 'p1', 'p2');
  const preview = await previewNextIssue(deps, newsletter);
  expect(preview).toMatchObject({
    articleCount: 2,
    sections: [{ name: 'Opinion', count: 2 }],
    willWaitForApproval: true,
    mail: { subject: 'Article p1' },
  });
  expect(preview.mail?.html).toContain('Article p2');
  expect(preview.mail?.text).toContain('1 Harbour Street');
  const issues = await setup.db.selectFrom('issues').select('id').where('newsletter_id', '=', newsletter.id).execute();
  expect(issues).toEqual([]);
});

test('the archive lists published issues and shows one, hostile text as text', async () => {
  const newsletter = await publishedNewsletter();
  const list = await get(`/archive?newsletter=${newsletter.slug}`);
  expect(list.status).toBe(200);
  expect(list.text).toContain(`href="/archive/${newsletter.slug}/1"`);
  const page = await get(`/archive/${newsletter.slug}/1`);
  expect(page.status).toBe(200);
  expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; {{ links.unsubscribe }}');
  expect(page.text).not.toMatch(/<script|<img|onerror=alert\(1\)>(?!&)|\/unsubscribe\/|\/preferences\//);
  expect(page.text).toContain('href="https://paper.example/plain"');
});

test('a newsletter may keep search engines off its issues', async () => {
  const newsletter = await publishedNewsletter();
  const robots = async () => (await fetch(`${base}/archive/${newsletter.slug}/1`)).headers.get('x-robots-tag');
  expect(await robots()).toBeNull();
  await setup.db
    .insertInto('digest_rules')
    .values({ newsletter_id: newsletter.id, archive_indexable: false, updated_at: setup.clock.now() })
    .execute();
  expect(await robots()).toBe('noindex');
});

test('the archive answers 404 for what there is not, and for newsletters that are not public', async () => {
  const newsletter = await publishedNewsletter();
  for (const path of [
    `${newsletter.slug}/2`,
    `${newsletter.slug}/0`,
    `${newsletter.slug}/1e0`,
    `${newsletter.slug}/x`,
    'no-such/1',
  ]) {
    expect((await get(`/archive/${path}`)).status).toBe(404);
  }
  await setup.db.updateTable('newsletters').set({ is_public: false }).where('id', '=', newsletter.id).execute();
  expect((await get(`/archive/${newsletter.slug}/1`)).status).toBe(404);
  expect((await get(`/archive?newsletter=${newsletter.slug}`)).status).toBe(404);
  expect((await get('/archive')).text).not.toContain(`/archive/${newsletter.slug}/`);
});

test('the API adds feeds, shows the next issue, and lets an issue wait, go or drop', async () => {
  const newsletter = await setup.newNewsletter();
  const [section] = newsletter.sections;
  const url = 'https://paper.example/feed';
  const added = await api('POST', `/newsletters/${newsletter.id}/feeds`, { url, sectionId: section?.id });
  expect(added).toMatchObject({ status: 201, json: { url, status: 'new', articleCount: 0, isSample: false } });
  expect(await api('POST', `/newsletters/${newsletter.id}/feeds`, { url, sectionId: section?.id })).toMatchObject({
    status: 409,
    json: { code: 'feed_exists' },
  });
  const { id: feedId } = added.json as { id: number };
  expect((await api('POST', `/feeds/${feedId}/poll`)).status).toBe(202);
  expect((await api('DELETE', `/feeds/${feedId}`)).status).toBe(204);
  expect(await api('DELETE', `/feeds/${feedId}`)).toMatchObject({ status: 404, json: { code: 'feed_not_found' } });

  expect(await api('GET', `/newsletters/${newsletter.id}/next-issue`)).toMatchObject({
    json: { articleCount: 0, html: null },
  });
  expect(await api('POST', `/newsletters/${newsletter.id}/issues`, {})).toMatchObject({
    json: { code: 'nothing_new' },
  });
  await setup.publish(newsletter.id, 'insights', 'api');
  const next = await api('GET', `/newsletters/${newsletter.id}/next-issue`);
  expect(next).toMatchObject({ json: { articleCount: 1, subject: 'Article api', timeZone: 'Europe/Berlin' } });
  const sent = await api('POST', `/newsletters/${newsletter.id}/issues`, {});
  expect(sent).toMatchObject({
    status: 201,
    json: { kind: 'extra', status: 'approved', number: 1, campaignStatus: 'scheduled' },
  });
  const { id: issueId } = sent.json as { id: number };
  const shown = await api('GET', `/issues/${issueId}`);
  expect(shown).toMatchObject({ status: 200, json: { id: issueId, sections: [{ name: 'Insights' }] } });
  expect(await api('POST', `/issues/${issueId}/approve`)).toMatchObject({ json: { status: 'approved' } });
  expect(await api('POST', `/issues/${issueId}/drop`)).toMatchObject({ json: { code: 'issue_already_decided' } });
  expect(await api('POST', '/issues/999999/drop')).toMatchObject({ status: 404, json: { code: 'issue_not_found' } });
});
