import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/index.ts';
import { createNewsletter, newslettersRoutes, selectBrand, selectDigestRules } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
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
let paper: Newsletter;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase(database.url, { log, name: 'test', maxConnections: 5 });
  const config = { mailFrom: 'news@example.org', postalAddress: undefined };
  server = await listen(
    createApp({
      log,
      publicUrl: 'http://localhost:3000',
      trustProxy: false,
      authenticate: () => Promise.resolve(CLI_ACTOR),
      apiRoutes: newslettersRoutes({ db: open.db, clock, config }),
      routers: [],
    }),
  );
});
afterAll(async () => {
  await server.close();
  await open.close();
  await database.drop();
});
beforeEach(async () => {
  paper = await createNewsletter({ db: open.db, clock }, { name: 'The Paper' }, CLI_ACTOR);
});

async function call(method: string, part: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.origin}/api/v1/newsletters/${paper.id}/${part}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, body: await response.json() };
}

describe('the digest rules of a newsletter', () => {
  it('are the defaults until somebody sets one, and what is left out stays', async () => {
    expect(await call('GET', 'digest-rules')).toMatchObject({
      status: 200,
      body: { approval: 'automatic', prepareHours: 0, deadlinePolicy: 'wait', minArticles: 1, layout: 'edition' },
    });
    await call('PATCH', 'digest-rules', { approval: 'required', prepareHours: 48 });
    const second = await call('PATCH', 'digest-rules', { deadlinePolicy: 'send', nextIntro: ' Dear **readers** ' });
    expect(second).toMatchObject({
      status: 200,
      body: { approval: 'required', prepareHours: 48, deadlinePolicy: 'send', nextIntro: 'Dear **readers**' },
    });
    expect(await call('PATCH', 'digest-rules', { nextIntro: '' })).toMatchObject({ body: { nextIntro: null } });
    expect(await selectDigestRules(open.db, paper.id)).toMatchObject({ approval: 'required', nextIntro: null });
  });

  it('say what readers may choose, which is nothing until somebody offers it, and it is audited', async () => {
    const nothing = { offersSections: false, offersFrequency: false };
    expect(await call('GET', 'digest-rules')).toMatchObject({ body: nothing });

    const changed = await call('PATCH', 'digest-rules', { offersSections: true, offersFrequency: true });

    expect(changed).toMatchObject({ status: 200, body: { offersSections: true, offersFrequency: true } });
    const audit = await open.db
      .selectFrom('audit_log')
      .select('details')
      .where('subject_id', '=', String(paper.id))
      .where('action', '=', 'newsletter.digest_rules_updated')
      .executeTakeFirstOrThrow();
    expect(audit.details).toEqual({ before: nothing, after: { offersSections: true, offersFrequency: true } });
    expect(await call('PATCH', 'digest-rules', { slowerFrequencies: ['weekly'] })).toMatchObject({ status: 422 });
  });

  it('take the hosts to tag as plain names, and refuse tags for nobody', async () => {
    const utm = { source: 'weekly', medium: '', hosts: ['Example.org', 'bücher.example', 'example.org'] };
    expect(await call('PATCH', 'digest-rules', { utm })).toMatchObject({
      status: 200,
      body: { utm: { source: 'weekly', medium: null, hosts: ['example.org', 'xn--bcher-kva.example'] } },
    });
    for (const host of ['https://example.org', 'example.org/path', '127.0.0.1', 'localhost', '*.example.org', '']) {
      const refused = await call('PATCH', 'digest-rules', { utm: { ...utm, hosts: [host] } });
      expect({ host, ...refused }).toMatchObject({ host, status: 422, body: { errors: [{ code: 'host_invalid' }] } });
    }
    expect(await call('PATCH', 'digest-rules', { utm: { ...utm, hosts: [] } })).toMatchObject({
      status: 422,
      body: { code: 'utm_hosts_missing', errors: [{ field: 'utm.hosts' }] },
    });
    expect(await call('PATCH', 'digest-rules', { utm: { ...utm, source: 'two words' } })).toMatchObject({
      body: { errors: [{ code: 'utm_value_invalid' }] },
    });
  });

  it('refuse numbers out of range and unknown words', async () => {
    for (const wrong of [{ prepareHours: 200 }, { minArticles: 0 }, { approval: 'maybe' }, { unknown: 1 }]) {
      expect((await call('PATCH', 'digest-rules', wrong)).status).toBe(422);
    }
  });

  it('refuse an approval that nobody has time to give', async () => {
    const hasty = { approval: 'required', deadlinePolicy: 'send' };
    expect(await call('PATCH', 'digest-rules', hasty)).toMatchObject({
      status: 422,
      body: { code: 'approval_without_time', errors: [{ field: 'prepareHours' }] },
    });
    expect((await call('PATCH', 'digest-rules', { ...hasty, prepareHours: 24 })).status).toBe(200);
  });

  it('keep both of two changes that are made at once', async () => {
    await Promise.all([
      call('PATCH', 'digest-rules', { minArticles: 3 }),
      call('PATCH', 'digest-rules', { fillTo: 8 }),
      call('PATCH', 'digest-rules', { layout: 'plain' }),
    ]);
    expect((await call('GET', 'digest-rules')).body).toMatchObject({ minArticles: 3, fillTo: 8, layout: 'plain' });
  });

  it('leave a line in the audit log with before and after', async () => {
    await call('PATCH', 'digest-rules', { minArticles: 5 });
    const entry = await open.db
      .selectFrom('audit_log')
      .selectAll()
      .where('action', '=', 'newsletter.digest_rules_updated')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(entry.details).toEqual({ before: { minArticles: 1 }, after: { minArticles: 5 } });
  });
});

describe('the brand of a newsletter', () => {
  it('is ours until somebody sets one', async () => {
    expect(await call('GET', 'brand')).toMatchObject({ body: { logoUrl: null, accentColor: null, font: 'serif' } });
    const changes = {
      logoUrl: 'https://paper.example/logo.png',
      logoAlt: 'The Paper',
      logoWidth: 180,
      accentColor: '#8A2D1F',
      font: 'sans',
      footerText: 'Made by people.',
    };
    expect(await call('PATCH', 'brand', changes)).toMatchObject({
      status: 200,
      body: { ...changes, accentColor: '#8a2d1f', backgroundColor: null },
    });
    expect(await call('PATCH', 'brand', { accentColor: '', logoWidth: null })).toMatchObject({
      body: { accentColor: null, logoWidth: null, logoUrl: changes.logoUrl },
    });
    expect(await selectBrand(open.db, paper.id)).toMatchObject({ font: 'sans', accentColor: null });
  });

  it('refuses colours and logos that mail clients would not show', async () => {
    const wrong = [
      [{ accentColor: 'red' }, 'color_invalid'],
      [{ backgroundColor: '#fff' }, 'color_invalid'],
      [{ logoUrl: 'http://paper.example/logo.png' }, 'logo_url_invalid'],
      [{ logoUrl: 'javascript:alert(1)' }, 'logo_url_invalid'],
    ] as const;
    for (const [changes, code] of wrong) {
      const refused = await call('PATCH', 'brand', changes);
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ code }] } });
    }
  });

  it('answers 404 for a newsletter that is not there', async () => {
    const answers = await Promise.all(
      ['brand', 'digest-rules'].map((part) => fetch(`${server.origin}/api/v1/newsletters/999999/${part}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });
});
