import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { createNewsletter, findNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { collectEvidence, exportPersonalData, renderEvidence } from '../../../src/rights/index.ts';
import { exportSubscribers } from '../../../src/subscribers/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, get, post, statusesOf } from '../subscriptions/reader.ts';
import { openVisit, preferencesOf, recordsOf, subscriberIdOf } from './visitor.ts';

const EVERY_DAY = '0 8 * * *';
let system: TestSystem;
let secret: string;
let address: string;
const TESTS = 25;
const papers: Newsletter[] = [];
let paper: Newsletter;
/** The ids of its sections. */
let news = 0;
let sports = 0;
let culture = 0;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  ({ secret } = await createApiToken(system.deps, {
    name: 'test',
    scopes: ['newsletters:read', 'newsletters:write', 'subscribers:read'],
    expiresInDays: 1,
    actor: CLI_ACTOR,
  }));
  // One for each test, before the sign-up form is first asked what there is.
  for (const index of Array.from({ length: TESTS }, (_, place) => place + 1)) {
    const sections = [{ name: 'News' }, { name: 'Sports' }, { name: 'Culture' }];
    const name = `Paper ${index}`;
    papers.push(await createNewsletter(system.deps, { name, cron: EVERY_DAY, isPublic: true, sections }, CLI_ACTOR));
  }
});
afterAll(() => system.stop());
beforeEach(async () => {
  const next = papers.pop();
  if (next === undefined) {
    throw new Error('there are more tests than papers');
  }
  paper = next;
  address = `reader-of-${paper.slug}@example.org`;
  [news, sports, culture] = paper.sections.map(({ id }) => Number(id)) as [number, number, number];
  await offer({ offersSections: true, offersFrequency: true });
  await becomeReader(system, address, [paper.slug]);
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${system.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const offer = (rules: Record<string, boolean>) => call('PATCH', `/newsletters/${paper.id}/digest-rules`, rules);

interface Choice {
  readonly sections?: readonly (number | string)[];
  readonly shown?: readonly number[];
  readonly frequency?: string;
  readonly newsletterId?: number;
}

/** What the form posts; boxes that are not ticked are not in it. */
function formOf({ sections = [], shown = [news, sports, culture], frequency, newsletterId }: Choice): URLSearchParams {
  const fields: [string, string][] = [
    ['action', 'choose'],
    ['newsletterId', String(newsletterId ?? paper.id)],
  ];
  if (shown.length > 0) {
    fields.push(['shown', shown.join(',')]);
  }
  for (const id of sections) {
    fields.push(['sections', String(id)]);
  }
  if (frequency !== undefined) {
    fields.push(['frequency', frequency]);
  }
  return new URLSearchParams(fields);
}

/** By the page that mails link to. */
const choose = async (choice: Choice): Promise<Response> =>
  post(system, await preferencesOf(system, address), formOf(choice));

async function chosen(): Promise<{ sections: readonly number[] | null; frequency: string | null }> {
  const row = await system.deps.db
    .selectFrom('subscriptions')
    .select(['section_ids', 'frequency'])
    .where('subscriber_id', '=', await subscriberIdOf(system, address))
    .where('newsletter_id', '=', paper.id)
    .executeTakeFirstOrThrow();
  return { sections: row.section_ids, frequency: row.frequency };
}

const changes = async (): Promise<readonly Record<string, unknown>[]> =>
  (await recordsOf(system, await subscriberIdOf(system, address)))
    .filter(({ action }) => action === 'changed')
    .map(({ details }) => details);

const pageOf = async (): Promise<string> => (await get(system, await preferencesOf(system, address))).text();

describe('the page that a mail links to', () => {
  it('offers the sections and what is slower than the newsletter', async () => {
    const page = await pageOf();

    expect(page).toMatch(/name="sections" type="checkbox" value="\d+" checked>/);
    expect(page.match(/name="sections"/g)).toHaveLength(3);
    expect(page.match(/name="frequency"/g)).toHaveLength(3);
    expect(page).not.toMatch(/<input[^>]* disabled/);
    expect(await changes()).toEqual([]);
  });

  it('stores fewer sections and a slower frequency, with one record and the wording', async () => {
    const response = await choose({ sections: [culture, news], frequency: 'weekly' });

    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Saved.');
    expect(await chosen()).toEqual({ sections: [news, culture], frequency: 'weekly' });
    expect(await changes()).toEqual([{ sections: ['news', 'culture'], frequency: 'weekly' }]);
    const record = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('consent_texts as t', 't.hash', 'r.consent_text')
      .select(['t.text', 'r.page_url', 'r.newsletter_id'])
      .where('r.subscriber_id', '=', await subscriberIdOf(system, address))
      .where('r.action', '=', 'changed')
      .executeTakeFirstOrThrow();
    expect(record.text.split('\n')).toEqual([
      'What comes, and how often',
      paper.name,
      'Sections',
      'News',
      'Sports',
      'Culture',
      'With all of them ticked you also get sections that are still to come.',
      'How often',
      'Every issue',
      'One digest a week',
      'One digest a month',
      'A digest comes with the last issue of the week or month and has the articles of all of them.',
      'Save',
    ]);
    expect(record).toMatchObject({ page_url: `${system.deps.config.publicUrl}/preferences`, newsletter_id: paper.id });
  });

  it('shuts what would be more, and says where to get it', async () => {
    await choose({ sections: [news], frequency: 'monthly' });
    const page = await pageOf();

    expect(page).toContain(`value="${news}" checked>`);
    expect(page).toContain(`value="${sports}" disabled>`);
    expect(page).toContain('value="" disabled>');
    expect(page).toContain('value="weekly" disabled>');
    expect(page).toContain('value="monthly" checked>');
    expect(page).toContain('What is greyed out would be more than now.');
  });

  it('never makes it more, whatever is posted (S22)', async () => {
    await choose({ sections: [news, sports], frequency: 'weekly' });

    for (const hostile of [
      { sections: [news, sports, culture], frequency: '' },
      { sections: [sports, culture, news], shown: [], frequency: 'daily' },
      { sections: [news, sports], shown: [news], frequency: '' },
      { sections: [news, sports, `${culture},${culture}`, "1' or 1=1", '-1', '9'.repeat(40)], frequency: '' },
      { sections: [culture] },
      { frequency: '' },
    ]) {
      expect([200, 422]).toContain((await choose(hostile)).status);
      expect(await chosen()).toEqual({ sections: [news, sports], frequency: 'weekly' });
    }
    await choose({ sections: [news, culture], frequency: 'weekly' });

    expect(await chosen()).toEqual({ sections: [news], frequency: 'weekly' });
    expect(await changes()).toHaveLength(2);
  });

  it('stores nothing when no section is ticked, and shows leaving and a pause instead', async () => {
    const response = await choose({ sections: [], frequency: 'weekly' });
    const page = await response.text();

    expect(response.status).toBe(422);
    expect(page).toContain('without any section no issue would ever come');
    expect(page).toContain(`>Leave ${paper.name}</button>`);
    expect(page).toContain('id="pause-instead"');
    expect(await chosen()).toEqual({ sections: null, frequency: null });
    expect(await changes()).toEqual([]);

    await post(system, await preferencesOf(system, address), { action: 'leave', newsletterId: String(paper.id) });
    expect(await statusesOf(system.deps, address)).toEqual([`${paper.slug}:unsubscribed`]);
  });

  it('makes one record of a double click, and follows the tab that was pressed last', async () => {
    await Promise.all([choose({ sections: [news, sports] }), choose({ sections: [news, sports] })]);
    expect(await changes()).toHaveLength(1);

    // A second tab that still shows all three.
    await choose({ sections: [sports, culture] });

    expect(await chosen()).toEqual({ sections: [sports], frequency: null });
    // And a third: nothing of it is left.
    expect(await (await choose({ sections: [culture] })).text()).toContain('has changed since you opened the page');
    expect(await chosen()).toEqual({ sections: [sports], frequency: null });
  });

  it('does nothing to another newsletter, to one that does not exist, or after leaving', async () => {
    expect((await choose({ sections: [news], newsletterId: 999_999 })).status).toBe(422);
    expect((await choose({ sections: [news], newsletterId: 1 })).status).toBe(422);
    await post(system, await preferencesOf(system, address), { action: 'leave', newsletterId: String(paper.id) });

    expect((await choose({ sections: [news] })).status).toBe(422);

    expect(await chosen()).toEqual({ sections: null, frequency: null });
    expect(await changes()).toEqual([]);
  });
});

describe('what a newsletter does not offer', () => {
  it('is neither shown nor stored', async () => {
    await offer({ offersSections: false, offersFrequency: false });
    expect(await pageOf()).not.toContain('What comes, and how often');

    await choose({ sections: [news], frequency: 'weekly' });

    expect(await chosen()).toEqual({ sections: null, frequency: null });
  });

  it('stays a choice of those who made it before, who can undo it', async () => {
    await choose({ sections: [news], frequency: 'weekly' });
    await offer({ offersSections: false, offersFrequency: false });
    expect(await pageOf()).toContain('value="weekly" checked>');
    const visitor = await openVisit(system, address);
    expect(await (await visitor.get()).text()).not.toContain('value="monthly"');

    await visitor.post(formOf({ sections: [news, sports, culture], frequency: '' }));

    expect(await chosen()).toEqual({ sections: null, frequency: null });
    expect(await pageOf()).not.toContain('What comes, and how often');
  });

  it('is a digest that would not be slower', async () => {
    const path = `/newsletters/${paper.id}`;
    await call('PATCH', path, { cron: '0 8 * * 1' });
    expect((await call('GET', `${path}/digest-rules`)).body).toMatchObject({ slowerFrequencies: ['monthly'] });
    expect((await pageOf()).match(/name="frequency"/g)).toHaveLength(2);
    await choose({ sections: [news, sports, culture], frequency: 'weekly' });
    expect(await chosen()).toEqual({ sections: null, frequency: null });

    await call('PATCH', path, { cron: '0 8 1 * *' });
    expect(await pageOf()).not.toContain('name="frequency"');
  });
});

describe('a visit by a fresh link', () => {
  it('makes it more again, and says that earlier issues are in the archive', async () => {
    await choose({ sections: [news], frequency: 'monthly' });
    const visitor = await openVisit(system, address);
    expect(await (await visitor.get()).text()).not.toMatch(/name="(?:sections|frequency)"[^>]* disabled/);

    const response = await visitor.post(formOf({ sections: [news, culture], frequency: '' }));

    expect(await chosen()).toEqual({ sections: [news, culture], frequency: null });
    const location = response.headers.get('location') ?? '';
    expect(location).toBe(`/my?done=content_more_often&of=${paper.id}`);
    const page = await (await visitor.get(location)).text();
    expect(page).toContain('Issues that came out before now are not sent again.');
    expect(page).toContain(`<a href="/archive/${paper.slug}">`);
    expect(await changes()).toEqual([
      { sections: ['news'], frequency: 'monthly' },
      { sections: ['news', 'culture'], frequency: null },
    ]);
  });

  it('names no archive that there is not, and no other newsletter', async () => {
    await call('PATCH', `/newsletters/${paper.id}`, { isPublic: false });
    const visitor = await openVisit(system, address);

    for (const id of [paper.id, 1, 'x']) {
      expect(await (await visitor.get(`/my?done=content_more_often&of=${id}`)).text()).not.toContain('href="/archive/');
    }
  });

  it('takes all ticked as all, also what is added while the page is open and later', async () => {
    await choose({ sections: [news] });
    const visitor = await openVisit(system, address);
    await call('PUT', `/newsletters/${paper.id}/sections`, {
      sections: [...paper.sections.map(plain), { name: 'New' }],
    });

    await visitor.post(formOf({ sections: [news, sports, culture] }));

    expect(await chosen()).toEqual({ sections: null, frequency: null });
  });

  it('stores nothing when no section is ticked, and shows leaving and a pause instead', async () => {
    const visitor = await openVisit(system, address);
    const response = await visitor.post(formOf({ sections: [] }));

    expect(response.status).toBe(422);
    expect(await response.text()).toContain('id="pause-instead"');
    expect(await changes()).toEqual([]);
  });

  it('is forgotten by leaving and coming back', async () => {
    await choose({ sections: [news], frequency: 'weekly' });
    await post(system, await preferencesOf(system, address), { action: 'leave', newsletterId: String(paper.id) });
    await becomeReader(system, address, [paper.slug]);

    expect(await chosen()).toEqual({ sections: null, frequency: null });
  });
});

function plain({ id, name }: Newsletter['sections'][number]): { id: number; name: string } {
  return { id, name };
}

describe('a section that an editor removes', () => {
  const remove = (...gone: readonly number[]) =>
    call('PUT', `/newsletters/${paper.id}/sections`, {
      sections: paper.sections.filter(({ id }) => !gone.includes(id)).map(plain),
    });

  it('leaves the choices of readers, and who had chosen only that gets everything', async () => {
    await choose({ sections: [news, sports] });
    expect((await remove(sports)).body).toMatchObject({ lostBy: { readers: 1, readersOfNothingElse: 0 } });
    expect(await chosen()).toEqual({ sections: [news], frequency: null });

    const answer = await call('PUT', `/newsletters/${paper.id}/sections`, {
      sections: [{ id: culture, name: 'Arts' }],
    });

    expect(answer.body).toMatchObject({ lostBy: { readers: 1, readersOfNothingElse: 1 } });
    expect(await chosen()).toEqual({ sections: null, frequency: null });
    expect((await findNewsletter(system.deps.db, { id: paper.id }))?.sections).toHaveLength(1);
    const audit = await system.deps.db
      .selectFrom('audit_log')
      .select('details')
      .where('action', '=', 'newsletter.sections_replaced')
      .where('subject_id', '=', String(paper.id))
      .orderBy('id', 'desc')
      .executeTakeFirst();
    expect(audit?.details).toEqual({ sections: ['culture'], readers: 1, readersOfNothingElse: 1 });
  });

  it('is nothing on a page that was opened before', async () => {
    await remove(sports);
    await choose({ sections: [news, sports] });
    expect(await chosen()).toEqual({ sections: [news], frequency: null });

    expect((await choose({ sections: [sports] })).status).toBe(422);

    expect(await chosen()).toEqual({ sections: [news], frequency: null });
  });

  it('is in nobody’s choice, whoever comes first', async () => {
    await Promise.all([choose({ sections: [sports] }), remove(sports), choose({ sections: [sports, news] })]);

    const { sections } = await chosen();
    expect(sections ?? []).not.toContain(sports);
  });
});

it('is told to people who help readers', async () => {
  await choose({ sections: [sports, news], frequency: 'weekly' });
  const id = await subscriberIdOf(system, address);

  expect((await call('GET', `/subscribers/${id}`)).body).toMatchObject({
    subscriptions: [{ newsletterName: paper.name, sections: ['News', 'Sports'], frequency: 'weekly' }],
  });
  let csv = '';
  await exportSubscribers(system.deps, { filter: { newsletterId: paper.id }, actor: CLI_ACTOR }, (piece) => {
    csv += piece;
    return Promise.resolve();
  });
  expect(csv).toContain(',news sports,weekly,');
  expect((await exportPersonalData(system.deps, id))?.subscriptions).toMatchObject([
    { newsletter: paper.name, sections: ['News', 'Sports'], frequency: 'weekly' },
  ]);

  const visitor = await openVisit(system, address);
  await visitor.post(formOf({ sections: [news, sports, culture], frequency: '' }));
  const evidence = await collectEvidence(system.deps, { kind: 'subscriber', id }, CLI_ACTOR);
  const html = await renderEvidence(evidence, 'en');
  expect(html).toContain('sections: [&#34;news&#34;,&#34;sports&#34;] · frequency: weekly');
  expect(html).toContain('sections: all · frequency: every issue');
});
