import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentDocuments, hasSampleDocuments } from '../../../src/legal/index.ts';
import { SOON_MS, openLegalDesk } from './legal-desk.ts';
import type { LegalDesk } from './legal-desk.ts';

let desk: LegalDesk;

beforeEach(async () => {
  desk = await openLegalDesk();
});
afterEach(() => desk.close());

function draft(title: string, markdown: string, revision: number | null, path = '/legal-drafts/terms/en') {
  return desk.admin.send('PUT', path, { title, markdown, revision });
}

async function versions(kind = 'terms', locale = 'en'): Promise<readonly Record<string, unknown>[]> {
  const { body } = await desk.admin.send('GET', '/legal-documents');
  return (body['documents'] as Record<string, unknown>[]).filter(
    (one) => one['kind'] === kind && one['locale'] === locale,
  );
}

async function auditActions(): Promise<readonly string[]> {
  const rows = await desk.system.deps.db
    .selectFrom('audit_log')
    .select('action')
    .where('action', 'like', 'legal%')
    .orderBy('id')
    .execute();
  return rows.map(({ action }) => action);
}

describe('a version from a day to come', () => {
  it('takes effect at its moment, on the page and on the form alike (R27)', async () => {
    await desk.publish({ markdown: 'The first own text.' });
    const scheduled = await desk.publish({ markdown: 'The second own text.', from: desk.after(SOON_MS) });
    expect(scheduled).toMatchObject({ status: 201, body: { version: 3, state: 'scheduled', change: 'notice' } });

    desk.clock.advance(SOON_MS - 1);
    expect((await desk.page('/terms')).html).toContain('The first own text.');
    expect((await desk.page('/terms/en/3')).status).toBe(404);
    const { terms } = await currentDocuments(desk.system.deps, 'en');
    expect(terms.version).toBe(2);

    desk.clock.advance(1);
    expect((await desk.page('/terms')).html).toContain('The second own text.');
    expect((await desk.page('/terms/en/3')).status).toBe(200);
    expect((await desk.page('/')).html).toContain('/terms/en/2');
    desk.clock.advance(1001);
    expect((await desk.page('/')).html).toContain('/terms/en/3');
    expect(await versions()).toMatchObject([{ state: 'current' }, { state: 'earlier' }, { state: 'earlier' }]);
  });

  it('leaves the samples in place until then', async () => {
    await desk.publish({ from: desk.after(SOON_MS) });
    await desk.publish({ kind: 'privacy' });
    expect(await hasSampleDocuments(desk.system.deps)).toBe(true);
    desk.clock.advance(SOON_MS);
    expect(await hasSampleDocuments(desk.system.deps)).toBe(false);
  });

  it('can be taken back before, never after, and its number is not used again', async () => {
    const first = await desk.publish({ from: desk.after(SOON_MS) });
    const withdraw = (id: unknown) => desk.admin.send('POST', `/legal-documents/${String(id)}/withdraw`);
    expect(await withdraw(first.body['id'])).toMatchObject({ status: 200, body: { state: 'withdrawn' } });
    expect(await withdraw(first.body['id'])).toMatchObject({ status: 409, body: { code: 'version_withdrawn' } });
    desk.clock.advance(2 * SOON_MS);
    expect((await desk.page('/terms/en/2')).status).toBe(404);
    expect(await versions()).toMatchObject([{ state: 'withdrawn' }, { state: 'current', version: 1 }]);

    const next = await desk.publish({ from: desk.after(60_000) });
    expect(next.body).toMatchObject({ version: 3, state: 'scheduled' });
    desk.clock.advance(55_000);
    expect(await withdraw(next.body['id'])).toMatchObject({ status: 409, body: { code: 'version_in_effect' } });
    desk.clock.advance(60_000);
    expect(await withdraw(next.body['id'])).toMatchObject({ status: 409, body: { code: 'version_in_effect' } });
    expect(await withdraw(999_999)).toMatchObject({ status: 404, body: { code: 'document_not_found' } });
    expect(await auditActions()).toEqual([
      'legal_document.published',
      'legal_document.withdrawn',
      'legal_document.published',
    ]);
  });

  it('is not overtaken by one that is published meanwhile', async () => {
    await desk.publish({ from: desk.after(SOON_MS) });
    expect(await desk.publish({ markdown: 'Other.' })).toMatchObject({
      status: 409,
      body: { code: 'version_scheduled' },
    });
    expect(await desk.publish({ markdown: 'Other.', from: desk.after(2 * SOON_MS) })).toMatchObject({ status: 201 });
  });

  it('is refused when its day is over, or is no day at all', async () => {
    expect(await desk.publish({ from: desk.after(-1) })).toMatchObject({
      status: 422,
      body: { code: 'date_in_the_past', errors: [{ field: 'from' }] },
    });
    expect(await desk.publish({ from: '2027-01-01' })).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    expect(await desk.publish({ from: '2027-02-31T00:00:00Z' })).toMatchObject({ status: 422 });
  });

  it('cannot be taken back behind our back, once it is in effect', async () => {
    const { db } = desk.system.deps;
    const [sample] = await versions();
    const row = { document_id: sample?.['id'] as never, withdrawn_at: desk.clock.now(), withdrawn_by: 'somebody' };
    await expect(db.insertInto('legal_withdrawals').values(row).execute()).rejects.toThrow('has taken effect');
    await desk.publish({ from: desk.after(SOON_MS) });
    const [scheduled] = await versions();
    await desk.admin.send('POST', `/legal-documents/${String(scheduled?.['id'])}/withdraw`);
    await expect(db.deleteFrom('legal_withdrawals').execute()).rejects.toThrow('append-only');
  });
});

describe('what a version means for readers', () => {
  it('is a notice by default, and nothing for the first own text', async () => {
    expect((await desk.publish({})).body['change']).toBe('editorial');
    expect((await desk.publish({ markdown: 'Two.' })).body['change']).toBe('notice');
    expect((await desk.publish({ markdown: 'Three.', change: 'acceptance' })).body['change']).toBe('acceptance');
  });

  it('is never an acceptance of the privacy notice (R28)', async () => {
    expect(await desk.publish({ kind: 'privacy', change: 'acceptance' })).toMatchObject({
      status: 422,
      body: { code: 'acceptance_of_privacy' },
    });
    expect(await desk.publish({ change: 'shout' })).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  });
});

describe('a draft', () => {
  it('is written, changed, previewed as the page, published and gone', async () => {
    const first = await draft('Terms', 'One <script>alert(1)</script>', null);
    expect(first).toMatchObject({ status: 200, body: { updatedBy: 'admin:1', locale: 'en' } });
    const second = await draft('Terms', 'Two **bold**', Number(first.body['revision']));
    const preview = await desk.admin.send('POST', '/legal-drafts/preview', {
      kind: 'terms',
      locale: 'en',
      title: 'Terms',
      markdown: 'Two **bold** <script>alert(1)</script> ![x](https://example.org/x.png)',
    });
    const html = String(preview.body['html']);
    expect(html).toContain('<strong>bold</strong>');
    expect(html).toContain('Version 2, in effect since');
    expect(html).toContain('--paper');
    expect(html).not.toMatch(/<script|<img|<link rel="stylesheet"/);

    const revision = Number(second.body['revision']);
    const publish = () => desk.admin.send('POST', '/legal-drafts/terms/en/publish', { revision, change: 'notice' });
    expect(await publish()).toMatchObject({ status: 201, body: { version: 2, state: 'current', change: 'notice' } });
    expect(await publish()).toMatchObject({ status: 409, body: { code: 'draft_changed' } });
    expect((await desk.page('/terms')).html).toContain('Two <strong>bold</strong>');
    expect((await desk.admin.send('GET', '/legal-drafts')).body).toEqual({ drafts: [] });
    expect(await auditActions()).toEqual(['legal_draft.saved', 'legal_draft.saved', 'legal_document.published']);
  });

  it('that another tab has changed is not overwritten', async () => {
    const mine = await draft('Terms', 'Mine', null);
    const seen = Number(mine.body['revision']);
    expect(await draft('Terms', 'Theirs, new', null)).toMatchObject({ status: 409, body: { code: 'draft_changed' } });
    await draft('Terms', 'Theirs', seen);
    for (const answer of [
      await draft('Terms', 'Mine again', seen),
      await desk.admin.send('POST', '/legal-drafts/terms/en/publish', { revision: seen }),
      await desk.admin.send('DELETE', `/legal-drafts/terms/en?revision=${seen}`),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'draft_changed' } });
    }
    expect((await desk.admin.send('GET', '/legal-drafts')).body).toMatchObject({ drafts: [{ markdown: 'Theirs' }] });
  });

  it('that was deleted and written anew has a revision of its own', async () => {
    const first = await draft('Terms', 'One', null);
    const revision = Number(first.body['revision']);
    expect((await desk.admin.send('DELETE', `/legal-drafts/terms/en?revision=${revision}`)).status).toBe(204);
    await draft('Terms', 'Another', null);
    expect(await draft('Terms', 'Late', revision)).toMatchObject({ status: 409, body: { code: 'draft_changed' } });
  });

  it('may be incomplete, but is not published so, and stays when publishing is refused', async () => {
    const empty = await draft('', '', null, '/legal-drafts/privacy/DE');
    expect(empty).toMatchObject({ status: 200, body: { locale: 'de', title: '' } });
    const revision = Number(empty.body['revision']);
    expect(await desk.admin.send('POST', '/legal-drafts/privacy/de/publish', { revision })).toMatchObject({
      status: 422,
      body: { code: 'text_incomplete', errors: [{ field: 'title' }] },
    });
    expect((await desk.admin.send('GET', '/legal-drafts')).body).toMatchObject({ drafts: [{ revision }] });
    expect((await draft('x', 'x', null, '/legal-drafts/privacy/not a language')).status).toBe(422);
  });

  it('published by two admins at once becomes one version', async () => {
    const saved = await draft('Terms', 'Both press the button', null);
    const revision = Number(saved.body['revision']);
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => desk.admin.send('POST', '/legal-drafts/terms/en/publish', { revision })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]);
    expect(await versions()).toHaveLength(2);
  });
});

describe('the page of a version', () => {
  it('says which it is, and leads to the other versions and languages (R27)', async () => {
    await desk.publish({ markdown: 'One.' });
    await desk.publish({ markdown: 'Two.' });
    await desk.publish({ locale: 'de', title: 'Bedingungen', markdown: 'Seien Sie freundlich.' });
    const first = await desk.page('/terms/en/2');
    expect(first.html).toContain('href="/terms/en/3"');
    expect(first.html).toContain('href="/terms/de/2"');
    expect(first.html).toContain('This is an earlier version');
    const newest = await desk.page('/terms/en/3');
    expect(newest.html).not.toContain('This is an earlier version');
    expect(newest.html).toContain('aria-current="page">Version 3');
    const german = await desk.page('/terms/de/2');
    expect(german.html).toContain('<html lang="de"');
    expect(german.html).toContain('Fassung 2, gültig seit');
    expect((await desk.page('/terms/de/2?lang=en')).html).toContain('<div class="prose" lang="de"');
    // Arabic has only a sample, and there are texts of our own: nobody is led to it.
    expect(german.html).not.toContain('/terms/ar/1');
  });

  it('keeps the old form of address', async () => {
    await desk.publish({ markdown: 'One.' });
    expect(await desk.page('/terms?version=1&locale=en')).toMatchObject({ status: 302, location: '/terms/en/1' });
    expect((await desk.page('/terms?version=99')).status).toBe(404);
    expect((await desk.page('/terms?version=abc&locale=<b>')).html).toContain('Version 2');
  });

  it('has its text as Markdown beside it, which gives the fingerprint that the page names (R27)', async () => {
    await desk.publish({ markdown: '  Be *kind*.\n' });
    const source = await desk.page('/terms/en/2.md');
    expect(source.html).toBe('Be *kind*.');
    const hash = createHash('sha256').update(source.html, 'utf8').digest('hex');
    expect((await desk.page('/terms/en/2')).html).toContain(hash);
    expect((await desk.page('/terms/en/9.md')).status).toBe(404);
  });

  it('is not there for what is no version', async () => {
    for (const path of ['en/99', 'en/0', 'en/01', 'en/1e0', 'en/x', 'e/1', 'en/-1', 'en/1.mdx', 'en/99999999']) {
      expect([path, (await desk.page(`/terms/${path}`)).status]).toEqual([path, 404]);
    }
    expect((await desk.page('/terms/%F0/1')).status).toBe(400);
  });
});
