import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCampaign } from '../../../src/campaigns/index.ts';
import { listNewsletters } from '../../../src/newsletters/index.ts';
import { sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  MAIL_DEADLINE_MS,
  actionsOf,
  countMailsTo,
  get,
  lastRequestOf,
  mailsPlannedTo,
  post,
  press,
  signUp,
  statusesOf,
  submitForm,
  subscriptionOf,
  waitForMailTo,
} from './reader.ts';
import type { ReadMail } from './reader.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.stop());

async function joinByMail(address: string): Promise<ReadMail> {
  await submitForm(system, { email: address, newsletters: 'the-weekly', terms: 'true', name: 'Rita' });
  const confirmation = await waitForMailTo(system, address, /confirm/i);
  // A person is slower than the relay's answer.
  await plannedIsSettled(address);
  await press(system, confirmation.pathOf('confirm'));
  return waitForMailTo(system, address, /^Welcome to The Weekly/);
}

async function plannedIsSettled(address: string): Promise<readonly string[]> {
  return waitFor(
    'every mail to be settled',
    async () => {
      const mails = await mailsPlannedTo(system.deps, address);
      return mails.every((mail) => /:(?:accepted|suppressed|cancelled|rejected)$/.test(mail)) ? mails : undefined;
    },
    MAIL_DEADLINE_MS,
  );
}

it('leads a reader from the form over two mails to the way out', async () => {
  const address = 'Rita.Reader@example.org';

  const response = await submitForm(system, { email: address, newsletters: 'the-weekly', terms: 'true', name: 'Rita' });
  expect(response.status).toBe(303);
  const confirmation = await waitForMailTo(system, address, /confirm/i);
  expect(confirmation.subject).toBe('Please confirm your subscription to The Weekly');
  expect(confirmation.headers.get('list-unsubscribe')).toBeUndefined();
  expect(confirmation.pathOf('not-me')).toMatch(/^\/not-me\//);
  expect(confirmation.text).toContain(`${system.url}${confirmation.pathOf('confirm')}`);
  const { subscriberId } = await lastRequestOf(system.deps, address);
  await waitFor(
    'the record that it was sent',
    async () => (await actionsOf(system.deps, subscriberId)).includes('confirmation_sent'),
    MAIL_DEADLINE_MS,
  );

  expect((await get(system, confirmation.pathOf('confirm'))).status).toBe(200);
  expect(await statusesOf(system.deps, address)).toEqual(['the-weekly:pending']);
  const confirmed = await press(system, confirmation.pathOf('confirm'));
  expect(await confirmed.text()).toContain('You are subscribed');

  const welcome = await waitForMailTo(system, address, /^Welcome to The Weekly/);
  const unsubscribe = welcome.pathOf('unsubscribe');
  expect(welcome.headers.get('list-unsubscribe')).toBe(`<${system.url}${unsubscribe}>`);
  expect(welcome.headers.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  expect(welcome.text).toContain(`${system.url}${unsubscribe}`);
  expect(welcome.text).toMatch(/next issue comes on\s+Monday \d+ \w+ at 08:00/);

  const left = await fetch(system.url + unsubscribe, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
    redirect: 'manual',
  });
  expect(left.status).toBe(200);
  expect(await statusesOf(system.deps, address)).toEqual(['the-weekly:unsubscribed']);
  expect(await actionsOf(system.deps, subscriberId)).toEqual([
    'requested',
    'confirmation_sent',
    'granted',
    'withdrawn',
  ]);
});

it('asks for the confirmation plainly: no name, nothing to load, nothing advertised, no list headers (R6, R38)', async () => {
  const address = 'plain@example.org';

  await submitForm(system, {
    email: address,
    newsletters: 'the-weekly',
    terms: 'true',
    name: 'Cheap Watches',
    locale: 'en',
  });

  const mail = await waitForMailTo(system, address, /confirm/i);
  const own = [mail.pathOf('confirm'), mail.pathOf('not-me'), '/terms', '/privacy'].map((path) => system.url + path);
  const links = [...mail.html.matchAll(/(?:href|src|background|action)="([^"]*)"|url\(([^)]*)\)/g)];
  expect(new Set(links.map(([, link, url]) => link ?? url))).toEqual(new Set(own));
  expect(mail.html).not.toMatch(/<(?:img|link|script|iframe|object|form|video)\b/i);
  expect(`${mail.subject} ${mail.html} ${mail.text}`).not.toMatch(/Cheap|Watches/);
  const textLinks = [...mail.text.matchAll(/https?:\S+/g)].map(([link]) => link);
  expect(new Set(textLinks)).toEqual(new Set(own));
  expect([...mail.headers.keys()].filter((name) => /^(?:list-|precedence|feedback-id)/.test(name))).toEqual([]);
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
});

it('mails nothing about leaving, and no campaign that was frozen before', async () => {
  const address = 'leaver@example.org';
  const welcome = await joinByMail(address);
  await joinByMail('stayer@example.org');
  const [newsletter] = await listNewsletters(system.deps.db);
  if (newsletter === undefined) {
    throw new Error('there is no newsletter');
  }
  // Nothing may be sent while the audience is frozen and one of it leaves.
  await sql`insert into settings (key, value) values ('kill_switch', '{}')`.execute(system.deps.db);
  const campaignId = await sendTestCampaign(system.deps, newsletter.id, 'The frozen campaign');
  await startCampaign(system.deps, campaignId);
  await post(system, welcome.pathOf('unsubscribe'));
  await sql`delete from settings where key = 'kill_switch'`.execute(system.deps.db);
  system.deps.doorbell.ring('send-campaigns', {});

  await waitForMailTo(system, 'stayer@example.org', /^The frozen campaign/);

  expect(await plannedIsSettled(address)).toEqual(['confirm:accepted', 'welcome:accepted', 'campaign:suppressed']);
  expect(countMailsTo(system, address)).toBe(2);
});

it('tells a reader who asks again, and leads to a page that can only reduce', async () => {
  const address = 'known@example.org';
  await joinByMail(address);

  await signUp(system, address);

  const note = await waitForMailTo(system, address, /already subscribed/i);
  expect(note.headers.get('list-unsubscribe')).toBeUndefined();
  const page = await (await get(system, note.pathOf('preferences'))).text();
  expect(page).toContain('aria-label="Leave The Weekly"');
  expect(await actionsOf(system.deps, (await subscriptionOf(system.deps, address)).subscriberId)).toEqual([
    'requested',
    'confirmation_sent',
    'granted',
    'requested',
  ]);
});

it('mails the domain as it was stored, whatever the reader typed', async () => {
  await signUp(system, 'MiXed@EXAMPLE.Org');

  await waitForMailTo(system, 'MiXed@example.org', /confirm/i);

  expect(await plannedIsSettled('MiXed@example.org')).toEqual(['confirm:accepted']);
});

it('mails a stranger nothing more once the owner of the address has said "This was not me"', async () => {
  const address = 'victim@example.org';
  await signUp(system, address);
  const confirmation = await waitForMailTo(system, address, /confirm/i);

  await press(system, confirmation.pathOf('not-me'));
  await signUp(system, address);

  await waitFor(
    'the decision',
    async () => (await lastRequestOf(system.deps, address)).decision === 'nothing',
    MAIL_DEADLINE_MS,
  );
  expect(countMailsTo(system, address)).toBe(1);
});
