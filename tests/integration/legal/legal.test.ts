import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/index.ts';
import {
  currentDocuments,
  hasSampleDocuments,
  legalPages,
  legalRoutes,
  publishDocument,
  seedLegalDocuments,
} from '../../../src/legal/index.ts';
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
const clock = createFakeClock();
let database: TestDatabase;
let open: OpenDatabase;
let server: Listening;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase(database.url, { log, name: 'test', maxConnections: 5 });
  const deps = { db: open.db, clock };
  const app = createApp({
    log,
    publicUrl: 'http://localhost:3000',
    trustProxy: false,
    authenticate: () => Promise.resolve(CLI_ACTOR),
    apiRoutes: legalRoutes(deps),
    routers: [legalPages(deps)],
  });
  server = await listen(app);
});
afterAll(async () => {
  await server.close();
  await open.close();
  await database.drop();
});

async function page(path: string): Promise<{ status: number; html: string }> {
  const response = await fetch(server.origin + path, { headers: { accept: 'text/html' } });
  return { status: response.status, html: await response.text() };
}

async function publish(body: Record<string, unknown>): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server.origin}/api/v1/legal-documents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('legal documents', () => {
  it('say that they are missing before the database was seeded', async () => {
    expect((await page('/terms')).status).toBe(503);
  });

  it('begin as samples, once, however many processes start', async () => {
    await Promise.all([1, 2, 3].map(() => seedLegalDocuments(open.db, clock)));
    const { terms, privacy } = await currentDocuments({ db: open.db, clock }, 'de');
    expect([terms, privacy]).toMatchObject([
      { kind: 'terms', locale: 'de', version: 1, isSample: true, url: '/terms/de/1' },
      { kind: 'privacy', locale: 'de', version: 1, isSample: true, url: '/privacy/de/1' },
    ]);
    expect(await hasSampleDocuments({ db: open.db, clock })).toBe(true);
    const { html } = await page('/terms?lang=de');
    expect(html).toContain('Muster: vor der Veröffentlichung ersetzen');
    expect(html).toContain(terms.hash);
  });

  it('stay samples when only the sample text is published again', async () => {
    const markdown = await readFile('src/legal/samples/terms.de.md', 'utf8');
    const answer = await publish({ kind: 'terms', locale: 'en', title: 'Our terms', markdown });
    expect(answer).toMatchObject({ status: 201, body: { version: 2, isSample: true } });
  });

  it('become the publisher\u2019s own, version by version, and earlier versions stay readable', async () => {
    const terms = { kind: 'terms', locale: 'en', title: 'Terms', markdown: '# Ours\n\n<script>alert(1)</script>' };
    expect(await publish(terms)).toMatchObject({ status: 201, body: { version: 3, isSample: false } });
    expect(await publish(terms)).toMatchObject({ status: 409, body: { code: 'document_unchanged' } });
    expect(await hasSampleDocuments({ db: open.db, clock })).toBe(true);
    await publish({ kind: 'privacy', locale: 'de', title: 'Datenschutz', markdown: 'Wir speichern Ihre Adresse.' });
    expect(await hasSampleDocuments({ db: open.db, clock })).toBe(false);

    const current = await page('/terms');
    expect(current.html).toContain('Version 3');
    expect(current.html).not.toContain('<script>alert');
    expect((await page('/terms/en/1')).html).toContain('earlier version');
    const privacy = await page('/privacy?locale=en');
    expect(privacy.html).toContain('<div class="prose" lang="de"');
  });

  it('published at the same moment by two people become one version and one refusal', async () => {
    const attempts = await Promise.allSettled(
      ['One', 'Two', 'Three'].map((markdown) =>
        publishDocument(
          { db: open.db, clock },
          { kind: 'terms', locale: 'fr', title: 'T', markdown, actor: CLI_ACTOR },
        ),
      ),
    );
    const versions = attempts
      .filter((attempt) => attempt.status === 'fulfilled')
      .map((attempt) => attempt.value.version);
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions.length).toBeGreaterThan(0);
  });

  it('can never be changed or deleted', async () => {
    await expect(open.db.updateTable('legal_documents').set({ title: 'x' }).execute()).rejects.toThrow('append-only');
    await expect(open.db.deleteFrom('legal_documents').execute()).rejects.toThrow('append-only');
  });

  it('refuse what is not complete', async () => {
    expect(await publish({ kind: 'imprint', locale: 'en', title: 'x', markdown: 'x' })).toMatchObject({ status: 422 });
    expect(await publish({ kind: 'terms', locale: 'en', title: ' ', markdown: 'x' })).toMatchObject({ status: 422 });
  });
});
