import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteOldPreferenceRows, mailPreferences } from '../../../src/preferences/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, get, mailsPlannedTo, post, signUp } from '../subscriptions/reader.ts';
import { askForLink, newestLinkOf, openVisit, preferencesOf, subscriberIdOf, visitorWith } from './visitor.ts';

const MINUTE = 60_000;
const clock = createFakeClock();
let system: TestSystem;
let reader = 0;
let address: string;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock, environment: { TRUST_PROXY: 'loopback' } });
});
beforeEach(async () => {
  reader += 1;
  address = `reader-${reader}@example.org`;
  await becomeReader(system, address);
});
afterAll(() => system.stop());

const open = (path: string): Promise<Response> => post(system, path, { open: 'yes' });

async function mailedTo(to: string): Promise<number> {
  await mailPreferences(system.deps);
  return (await mailsPlannedTo(system.deps, to)).filter((mail) => mail.startsWith('system:')).length;
}

describe('the fresh link', () => {
  it('goes to the stored address, and the page that asks for it shows only a masked one (S22)', async () => {
    const response = await post(system, await preferencesOf(system, address), { action: 'change' });
    const page = await response.text();

    expect(response.status).toBe(200);
    expect(page).toContain('r•••@example.org');
    expect(page).not.toContain(address);
    expect(await mailedTo(address)).toBe(1);
  });

  it('is not used up by opening it, nor by a form that a script submits (R35, R36)', async () => {
    const path = await askForLink(system, address);

    const answers = [await get(system, path), await get(system, path, 'HEAD'), await post(system, path)];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ headers }) => headers.get('set-cookie'))).toEqual([null, null, null]);
    expect(answers[0]?.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answers[0]?.headers.get('cache-control')).toBe('no-store');
    expect((await open(path)).status).toBe(303);
  });

  it('works once; a double click goes on with the visit it has begun', async () => {
    const path = await askForLink(system, address);
    const first = await open(path);
    const cookie = first.headers.get('set-cookie') ?? '';

    expect([first.status, first.headers.get('location')]).toEqual([303, '/my']);
    expect(cookie).toMatch(/^preferences=[\w-]{43}; Max-Age=1800; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);

    const stranger = await open(path);
    expect(stranger.status).toBe(410);
    expect(stranger.headers.get('set-cookie')).toBeNull();
    expect(await stranger.text()).toContain('Mail me a new link');
    const visitor = visitorWith(system, cookie.split(';', 1)[0] ?? '', await subscriberIdOf(system, address));
    const again = await visitor.post({ open: 'yes' }, path);
    expect([again.status, again.headers.get('location')]).toEqual([303, '/my']);
    expect((await visitor.get()).status).toBe(200);
  });

  it('opens one visit when it is pressed twice at the same moment', async () => {
    const path = await askForLink(system, address);

    const answers = await Promise.all([open(path), open(path)]);

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303, 410]));
  });

  it('is over after 30 minutes, and so is the visit', async () => {
    const late = await askForLink(system, address);
    clock.advance(30 * MINUTE);
    expect((await get(system, late)).status).toBe(410);
    expect((await open(late)).status).toBe(410);

    const visitor = await openVisit(system, address);
    clock.advance(30 * MINUTE - 1);
    expect((await visitor.get()).status).toBe(200);
    clock.advance(1);
    const ended = await visitor.get();
    expect(ended.status).toBe(401);
    expect(await ended.text()).toContain('Your visit has ended');
    expect((await visitor.post({ action: 'leave', newsletterId: '' })).status).toBe(401);
    expect((await visitor.get('/my/data.json')).status).toBe(401);
  });

  it('is kept as a hash: the database holds nothing that opens a visit', async () => {
    const visitor = await openVisit(system, address);

    const rows = await system.deps.db.selectFrom('preference_links').selectAll().execute();

    expect(JSON.stringify(rows)).not.toContain(visitor.cookie.split('=')[1]);
  });

  it('is mailed once for a double click, and five times a day at most', async () => {
    const page = await preferencesOf(system, address);
    const bodies = new Set<string>();
    for (let asked = 0; asked < 8; asked += 1) {
      bodies.add(await (await post(system, page, { action: 'change' })).text());
      await post(system, page, { action: 'change' });
      await mailPreferences(system.deps);
      clock.advance(3 * MINUTE);
    }

    expect(await mailedTo(address)).toBe(5);
    expect(bodies.size).toBe(1);
    clock.advance(24 * 60 * MINUTE);
    await post(system, page, { action: 'change' });
    expect(await mailedTo(address)).toBe(6);
  });

  it('holds its limits when two workers decide at once', async () => {
    const page = await preferencesOf(system, address);
    await Promise.all(Array.from({ length: 6 }, () => post(system, page, { action: 'change' })));

    await Promise.all([mailPreferences(system.deps), mailPreferences(system.deps), mailPreferences(system.deps)]);

    expect(await mailedTo(address)).toBe(1);
  });

  it('opens nothing when nobody made it', async () => {
    for (const token of ['nonsense', 'A'.repeat(32), (await preferencesOf(system, address)).split('/')[2] ?? '']) {
      expect((await get(system, `/my/open/${token}`)).status).toBe(404);
      expect((await open(`/my/open/${token}`)).status).toBe(404);
    }
    expect((await get(system, '/my')).status).toBe(401);
    const forged = visitorWith(system, `preferences=${'A'.repeat(43)}`, await subscriberIdOf(system, address));
    expect((await forged.get()).status).toBe(401);
  });

  it('is not opened by a form of another site, which would put its reader into a stranger’s visit', async () => {
    const path = await askForLink(system, address);

    const response = await visitorWith(system, '', await subscriberIdOf(system, address)).post({ open: 'yes' }, path, {
      'sec-fetch-site': 'cross-site',
    });

    expect(response.status).toBe(403);
    expect((await open(await newestLinkOf(system, address))).status).toBe(303);
  });
});

describe('the page where an address is typed', () => {
  it('gives the same bytes in every state of the address (S23)', async () => {
    const pending = `pending-${reader}@example.org`;
    await signUp(system, pending);
    const left = `left-${reader}@example.org`;
    await becomeReader(system, left);
    await post(system, await preferencesOf(system, left), { action: 'leave', scope: 'all' });
    const addresses = [address, pending, left, `nobody-${reader}@example.org`];

    const answers = await Promise.all(addresses.map((email) => post(system, '/preferences', { email })));
    const pages = await Promise.all(
      answers.map(async (answer, index) => (await answer.text()).replaceAll(addresses[index] ?? '', 'ADDRESS')),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toContain('ADDRESS');
    // Somebody who left may still want their data; somebody who never confirmed is mailed nothing (R38).
    expect(await Promise.all(addresses.map(mailedTo))).toEqual([1, 0, 1, 0]);
  });

  it('writes a row for every address, so that no answer is faster, and forgets it after two days', async () => {
    await post(system, '/preferences', { email: `nobody-${reader}@example.org` });
    await post(system, '/preferences', { email: address });

    const rows = await system.deps.db
      .selectFrom('preference_links')
      .select('subscriber_id')
      .orderBy('id', 'desc')
      .limit(2)
      .execute();

    expect(rows.map((row) => row.subscriber_id)).toEqual([await subscriberIdOf(system, address), null]);
    clock.advance(2 * 24 * 60 * MINUTE + 1);
    await deleteOldPreferenceRows(system.deps.db, clock.now());
    expect(await system.deps.db.selectFrom('preference_links').select('id').execute()).toEqual([]);
  });

  it('says what is wrong with what was typed', async () => {
    const response = await post(system, '/preferences', { email: '<b>@x' });
    const page = await response.text();

    expect(response.status).toBe(422);
    expect(page).toContain('This is not a mail address.');
    expect(page).toContain('&lt;b&gt;@x');
    expect((await post(system, '/preferences')).status).toBe(422);
  });

  it('slows down whoever asks for many, and says so', async () => {
    const ask = (email: string, client: string): Promise<Response> =>
      fetch(`${system.url}/preferences`, {
        method: 'POST',
        body: new URLSearchParams({ email }),
        headers: { 'x-forwarded-for': client },
      });
    let response: Response;
    let asked = 0;
    do {
      asked += 1;
      response = await ask(`many-${asked}@example.org`, '203.0.113.7');
    } while (response.status === 200 && asked < 40);

    expect([asked, response.status]).toEqual([31, 429]);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.text()).toContain('many requests from your network');
    expect((await ask(address, '198.51.100.7')).status).toBe(200);
  });
});
