import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Express } from 'express';
import { createApp } from '../../../src/http/index.ts';
import {
  findNewsletter,
  listNewsletters,
  listProofreaders,
  newslettersRoutes,
  seedFirstNewsletter,
  setDefaultZone,
} from '../../../src/newsletters/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { OpenDatabase } from '../../../src/platform/postgres/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { listen } from '../../support/listen.ts';
import type { Listening } from '../../support/listen.ts';

const log = createLogger('silent', 'test');
const clock = createFakeClock('2026-11-20T12:00:00Z');
let database: TestDatabase;
let open: OpenDatabase;
let server: Listening;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase(database.url, { log, name: 'test', maxConnections: 5 });
  server = await listen(buildApp());
});
afterAll(async () => {
  await server.close();
  await open.close();
  await database.drop();
});

function buildApp(): Express {
  const config = { mailFrom: 'news@example.org', postalAddress: undefined };
  return createApp({
    log,
    publicUrl: 'http://localhost:3000',
    trustProxy: false,
    authenticate: () => Promise.resolve(CLI_ACTOR),
    apiRoutes: newslettersRoutes({ db: open.db, clock, config }),
    routers: [],
  });
}

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> {
  const response = await fetch(`${server.origin}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as never };
}

describe('seedFirstNewsletter', () => {
  it('makes The Weekly once, also when several processes start at the same moment', async () => {
    const made = await Promise.all([1, 2, 3].map(() => seedFirstNewsletter({ db: open.db, clock })));
    expect(made.filter((newsletter) => newsletter !== undefined)).toHaveLength(1);
    const [weekly, ...others] = await listNewsletters(open.db);
    expect(others).toEqual([]);
    expect(weekly).toMatchObject({ slug: 'the-weekly', timeZone: 'UTC', nextRunAt: new Date('2026-11-23T08:00:00Z') });
    expect(weekly?.sections.map((section) => section.slug)).toEqual(['insights', 'opinion', 'current-events']);
  });

  it('takes the zone of the first admin, and leaves a zone that somebody chose', async () => {
    await setDefaultZone({ db: open.db, clock }, 'America/New_York');
    expect(await findNewsletter(open.db, { slug: 'the-weekly' })).toMatchObject({
      timeZone: 'America/New_York',
      nextRunAt: new Date('2026-11-23T13:00:00Z'),
    });
    await setDefaultZone({ db: open.db, clock }, 'Europe/Berlin');
    expect(await findNewsletter(open.db, { slug: 'the-weekly' })).toMatchObject({ timeZone: 'America/New_York' });
  });
});

describe('the newsletters API', () => {
  it('adds a newsletter with a slug of its own and the defaults of the environment', async () => {
    const first = await call('POST', '/newsletters', {
      name: 'City Notes',
      timeZone: 'Europe/Berlin',
      cron: '30 6 * * 1-5',
    });
    expect(first).toMatchObject({
      status: 201,
      body: {
        slug: 'city-notes',
        nextRunAt: '2026-11-23T05:30:00.000Z',
        activeSubscribers: 0,
        fromAddress: null,
        effective: { fromName: 'City Notes', fromAddress: 'news@example.org', postalAddress: null },
      },
    });
    expect((await call('POST', '/newsletters', { name: 'City Notes' })).body).toMatchObject({ slug: 'city-notes-2' });
    const taken = await call('POST', '/newsletters', { name: 'X', slug: 'city-notes' });
    expect(taken).toMatchObject({ status: 409, body: { code: 'slug_taken' } });
  });

  it('changes what is sent and computes the next run anew only when the schedule changes', async () => {
    const { id } = (await findNewsletter(open.db, { slug: 'city-notes' })) ?? { id: 0 };
    clock.advance(7 * 86_400_000);
    const renamed = await call('PATCH', `/newsletters/${id}`, { name: 'City', postalAddress: '1 Quay Street' });
    expect(renamed).toMatchObject({
      status: 200,
      body: { name: 'City', nextRunAt: '2026-11-23T05:30:00.000Z', effective: { postalAddress: '1 Quay Street' } },
    });
    const moved = await call('PATCH', `/newsletters/${id}`, { timeZone: 'Asia/Kathmandu', postalAddress: '' });
    expect(moved.body).toMatchObject({ nextRunAt: '2026-11-30T00:45:00.000Z', postalAddress: null });
    expect((await call('PATCH', `/newsletters/${id}`, { cron: '' })).body).toMatchObject({ cron: '', nextRunAt: null });
    expect(await call('PATCH', `/newsletters/${id}`, { cron: '0 8 30 2 *' })).toMatchObject({
      status: 422,
      body: { code: 'cron_invalid', errors: [{ field: 'cron' }] },
    });
    expect(await call('PATCH', `/newsletters/${id}`, { timeZone: 'Mars/Base' })).toMatchObject({
      status: 422,
      body: { code: 'time_zone_invalid' },
    });
    expect(await call('PATCH', '/newsletters/999', { name: 'X' })).toMatchObject({ status: 404 });
    expect(await call('GET', '/newsletters/x')).toMatchObject({ status: 422 });
  });

  it('writes who changed what to the audit log', async () => {
    const rows = await open.db.selectFrom('audit_log').select(['actor', 'action', 'details']).orderBy('id').execute();
    expect(rows).toContainEqual({
      actor: 'cli',
      action: 'newsletter.updated',
      details: {
        name: { before: 'City Notes', after: 'City' },
        postalAddress: { before: null, after: '1 Quay Street' },
      },
    });
  });
});

describe('single opt-in', () => {
  it('needs a reason, when it is made and when it is changed', async () => {
    const refused = { status: 422, body: { code: 'opt_in_reason_missing', errors: [{ field: 'optInReason' }] } };
    expect(await call('POST', '/newsletters', { name: 'No reason', optIn: 'single' })).toMatchObject(refused);
    const { body } = await call('POST', '/newsletters', { name: 'Members' });
    const { id, optIn, optInReason } = body as { id: number; optIn: string; optInReason: string | null };
    expect([optIn, optInReason]).toEqual(['double', null]);

    for (const changes of [
      { optIn: 'single' },
      { optIn: 'single', optInReason: '  ' },
      { optIn: 'single', optInReason: null },
    ]) {
      expect(await call('PATCH', `/newsletters/${id}`, changes)).toMatchObject({ status: 422 });
    }
    expect(
      await call('PATCH', `/newsletters/${id}`, { optIn: 'single', optInReason: 'They agree on paper' }),
    ).toMatchObject({ status: 200, body: { optIn: 'single', optInReason: 'They agree on paper' } });
    expect(await call('PATCH', `/newsletters/${id}`, { optInReason: '' })).toMatchObject(refused);
    expect(await call('PATCH', `/newsletters/${id}`, { name: 'All members' })).toMatchObject({ status: 200 });
  });

  it('is in the audit log with its reason, and cannot be set past us', async () => {
    const members = await findNewsletter(open.db, { slug: 'members' });
    if (members === undefined) {
      throw new Error('no newsletter to test with');
    }
    const entry = await open.db
      .selectFrom('audit_log')
      .select('details')
      .where('action', '=', 'newsletter.updated')
      .where('subject_id', '=', String(members.id))
      .orderBy('id')
      .executeTakeFirst();
    expect(entry?.details).toMatchObject({
      optIn: { before: 'double', after: 'single' },
      optInReason: { before: null, after: 'They agree on paper' },
    });

    await expect(
      open.db.updateTable('newsletters').set({ opt_in_reason: null }).where('slug', '=', 'members').execute(),
    ).rejects.toThrow('newsletters_single_needs_reason');
  });
});

describe('sections', () => {
  it('are kept by id, ordered by place, added without one, and removed when missing', async () => {
    const weekly = await findNewsletter(open.db, { slug: 'the-weekly' });
    const [insights, , events] = weekly?.sections ?? [];
    const answer = await call('PUT', `/newsletters/${weekly?.id ?? 0}/sections`, {
      sections: [
        { id: events?.id, name: 'The news', maxItems: 3 },
        { name: 'Insights' },
        { id: insights?.id, name: 'Ideas' },
      ],
    });
    const { sections } = answer.body as { sections: Record<string, unknown>[] };
    expect(sections).toMatchObject([
      { id: events?.id, slug: 'current-events', name: 'The news', maxItems: 3 },
      { slug: 'insights-2', name: 'Insights' },
      { id: insights?.id, slug: 'insights', name: 'Ideas' },
    ]);
  });

  it('with a feed stay', async () => {
    const weekly = await findNewsletter(open.db, { slug: 'the-weekly' });
    const [first, second] = weekly?.sections ?? [];
    if (weekly === undefined || first === undefined) {
      throw new Error('no section to test with');
    }
    const now = clock.now();
    await open.db
      .insertInto('feeds')
      .values({
        newsletter_id: weekly.id,
        section_id: first.id,
        url: 'https://example.org/feed',
        added_at: now,
        next_poll_at: now,
      })
      .execute();
    const path = `/newsletters/${weekly.id}/sections`;
    expect(await call('PUT', path, { sections: [{ id: second?.id, name: 'Only' }] })).toMatchObject({
      status: 409,
      body: { code: 'section_in_use' },
    });
    expect((await findNewsletter(open.db, { id: weekly.id }))?.sections).toHaveLength(3);
  });

  it('of another newsletter, named twice, or none at all are refused', async () => {
    const weekly = await findNewsletter(open.db, { slug: 'the-weekly' });
    const path = `/newsletters/${weekly?.id ?? 0}/sections`;
    const id = weekly?.sections[0]?.id;
    expect(await call('PUT', path, { sections: [{ id: 9999, name: 'X' }] })).toMatchObject({ status: 422 });
    expect(
      await call('PUT', path, {
        sections: [
          { id, name: 'X' },
          { id, name: 'Y' },
        ],
      }),
    ).toMatchObject({ status: 422 });
    expect(await call('PUT', path, { sections: [] })).toMatchObject({ status: 422 });
  });
});

describe('proofreaders', () => {
  it('are added once, whatever the case of their letters, and removed', async () => {
    const weekly = await findNewsletter(open.db, { slug: 'the-weekly' });
    if (weekly === undefined) {
      throw new Error('no newsletter to test with');
    }
    const path = `/newsletters/${weekly.id}/proofreaders`;
    expect(await call('POST', path, { address: 'Ana@example.org' })).toMatchObject({ status: 201 });
    expect(await call('POST', path, { address: 'ana@example.org' })).toMatchObject({
      status: 409,
      body: { code: 'proofreader_exists' },
    });
    expect(await call('POST', path, { address: 'no address' })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'address', code: 'address_invalid' }] },
    });
    expect(await listProofreaders(open.db, weekly.id)).toMatchObject([{ address: 'Ana@example.org' }]);
    expect(await call('DELETE', path, { address: 'ANA@example.org' })).toMatchObject({ status: 204 });
    expect(await call('DELETE', path, { address: 'ANA@example.org' })).toMatchObject({ status: 404 });
  });
});
