import PostalMime from 'postal-mime';
import type { Deps } from '../../../src/compose.ts';
import type { NewsletterId, SignupRequestId, SubscriberId, SubscriptionId } from '../../../src/shared/ids.ts';
import { deriveMomentToken, deriveToken, readToken } from '../../../src/shared/keyring.ts';
import type { TokenPurpose } from '../../../src/shared/keyring.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import type { SunkMail } from '../../support/smtp-sink.ts';
import type { TestSystem } from '../../support/system.ts';

/** A web application that runs somewhere, and the dependencies to look behind it. */
export type Site = Pick<TestSystem, 'url' | 'deps'>;

/** Generous: the machine that runs the tests may be busy. */
export const MAIL_DEADLINE_MS = 15_000;

export const TERMS = { newsletters: ['the-weekly'], terms: true, privacy: true };

/** POST /api/v1/subscriptions. */
export function signUp(system: Site, email: string, changes: Record<string, unknown> = {}): Promise<Response> {
  return fetch(`${system.url}/api/v1/subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'Test/1.0' },
    body: JSON.stringify({ email, ...TERMS, ...changes }),
  });
}

/** How long a reader had the form open, at least. */
const READING_MS = 10_000;

/** What our page sends besides what the reader fills in, some seconds after it was opened. */
export async function hiddenFields({ deps }: Site, locale = 'en'): Promise<Record<string, string>> {
  const openedAtSeconds = Math.floor((deps.clock.now().getTime() - READING_MS) / 1000);
  const { version } = await deps.signupForms.current(locale);
  return { formToken: deriveToken(deps.keyring, 'form-token', openedAtSeconds), formVersion: version };
}

/**
 * POST /subscribe, as a browser without JavaScript does; the redirect is not followed. With the hidden fields of our page, unless
 * the fields say which form they are of.
 */
export async function submitForm(system: Site, fields: Record<string, string | readonly string[]>): Promise<Response> {
  const hidden = 'formId' in fields ? {} : await hiddenFields(system);
  const body = new URLSearchParams();
  for (const [name, values] of Object.entries({ ...hidden, ...fields })) {
    for (const value of typeof values === 'string' ? [values] : values) {
      body.append(name, value);
    }
  }
  return fetch(`${system.url}/subscribe`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { accept: 'text/html', 'user-agent': 'Test/1.0' },
  });
}

export function post(
  system: Site,
  path: string,
  fields: Record<string, string> | URLSearchParams = {},
): Promise<Response> {
  return fetch(system.url + path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
    headers: { accept: 'text/html', 'user-agent': 'Test/1.0' },
  });
}

/** Presses the button of a page behind a link of the confirmation mail, a second after it was shown. */
export function press(system: Site, path: string, fields: Record<string, string> = {}): Promise<Response> {
  const { keyring, clock } = system.deps;
  const [, page, token = ''] = path.split('/');
  const rowId = readToken(keyring, page === 'not-me' ? 'not-me' : 'confirm', token) ?? 0;
  const shown = deriveMomentToken(keyring, 'confirm-page', { rowId, at: new Date(clock.now().getTime() - 1000) });
  return post(system, path, { press: 'yes', page: shown, ...fields });
}

export function get(system: Site, path: string, method = 'GET'): Promise<Response> {
  return fetch(system.url + path, { method, redirect: 'manual', headers: { accept: 'text/html' } });
}

export function tokenPath(deps: Deps, page: string, purpose: TokenPurpose, rowId: number): string {
  return `/${page}/${deriveToken(deps.keyring, purpose, rowId)}`;
}

/** The "that was a mistake" of the page after leaving. */
export async function rejoinPath(deps: Deps, id: SubscriptionId): Promise<string> {
  const { unsubscribed_at: leftAt } = await deps.db
    .selectFrom('subscriptions')
    .select('unsubscribed_at')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return `/rejoin/${deriveMomentToken(deps.keyring, 'rejoin', { rowId: id, at: leftAt ?? deps.clock.now() })}`;
}

interface RequestRow {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly status: string;
  readonly decision: string | null;
}

/** The requests of an address, oldest first. */
export async function requestsOf(deps: Deps, address: string): Promise<readonly RequestRow[]> {
  return deps.db
    .selectFrom('signup_requests as r')
    .innerJoin('subscribers as s', 's.id', 'r.subscriber_id')
    .select(['r.id', 'r.subscriber_id as subscriberId', 'r.status', 'r.decision'])
    .where('s.address', '=', address)
    .orderBy('r.id')
    .execute();
}

export async function lastRequestOf(deps: Deps, address: string): Promise<RequestRow> {
  const last = (await requestsOf(deps, address)).at(-1);
  if (last === undefined) {
    throw new Error('there is no request of this address');
  }
  return last;
}

/** `the-weekly:active` for each subscription, by slug. */
export async function statusesOf(deps: Deps, address: string): Promise<readonly string[]> {
  const rows = await deps.db
    .selectFrom('subscriptions as n')
    .innerJoin('subscribers as s', 's.id', 'n.subscriber_id')
    .innerJoin('newsletters as l', 'l.id', 'n.newsletter_id')
    .select(['l.slug', 'n.status'])
    .where('s.address', '=', address)
    .orderBy('l.slug')
    .execute();
  return rows.map(({ slug, status }) => `${slug}:${status}`);
}

export async function subscriptionOf(
  deps: Deps,
  address: string,
  slug = 'the-weekly',
): Promise<{ readonly id: SubscriptionId; readonly subscriberId: SubscriberId; readonly newsletterId: NewsletterId }> {
  return deps.db
    .selectFrom('subscriptions as n')
    .innerJoin('subscribers as s', 's.id', 'n.subscriber_id')
    .innerJoin('newsletters as l', 'l.id', 'n.newsletter_id')
    .select(['n.id', 'n.subscriber_id as subscriberId', 'n.newsletter_id as newsletterId'])
    .where('s.address', '=', address)
    .where('l.slug', '=', slug)
    .executeTakeFirstOrThrow();
}

/** `confirm:planned` for each mail ever planned to the address, oldest first. */
export async function mailsPlannedTo(deps: Deps, address: string): Promise<readonly string[]> {
  const rows = await deps.db
    .selectFrom('deliveries')
    .select(['kind', 'state'])
    .where('address', '=', address)
    .orderBy('id')
    .execute();
  return rows.map(({ kind, state }) => `${kind}:${state}`);
}

/** The actions recorded about a person, in the order they were declared. */
export async function actionsOf(deps: Deps, subscriberId: SubscriberId): Promise<readonly string[]> {
  const rows = await deps.db
    .selectFrom('consent_records')
    .select('action')
    .where('subscriber_id', '=', subscriberId)
    .orderBy('id')
    .execute();
  return rows.map(({ action }) => action);
}

/** Signs up and confirms on a system without a worker: what the reader does, less the mail program. */
export async function becomeReader(system: Site, address: string, newsletters = ['the-weekly']): Promise<void> {
  await expectStatus(signUp(system, address, { newsletters }), 202);
  await decideSignups(system.deps);
  const { id } = await lastRequestOf(system.deps, address);
  await expectStatus(press(system, tokenPath(system.deps, 'confirm', 'confirm', id)), 200);
}

async function expectStatus(answer: Promise<Response>, status: number): Promise<void> {
  const response = await answer;
  if (response.status !== status) {
    throw new Error(`answered ${response.status}: ${await response.text()}`);
  }
}

export interface ReadMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly headers: ReadonlyMap<string, string>;
  /** The path of the first link to a page, such as `confirm`. */
  pathOf(page: string): string;
}

export async function readMail(mail: SunkMail): Promise<ReadMail> {
  const parsed = await PostalMime.parse(mail.raw);
  const html = parsed.html ?? '';
  return {
    subject: parsed.subject ?? '',
    html,
    text: parsed.text ?? '',
    headers: new Map(parsed.headers.map(({ key, value }) => [key, value])),
    pathOf: (page) => {
      const path = new RegExp(`href="https?://[^/"]+(/${page}/[\\w-]+)"`).exec(html)?.[1];
      if (path === undefined) {
        throw new Error(`the mail "${parsed.subject ?? ''}" has no link to /${page}/`);
      }
      return path;
    },
  };
}

/** The first mail to the address whose subject fits. */
export async function waitForMailTo(system: TestSystem, address: string, subject: RegExp): Promise<ReadMail> {
  const subjectOf = (mail: SunkMail): string => /^Subject: (.*)$/im.exec(mail.raw.toString('latin1'))?.[1] ?? '';
  const mail = await system.sink.waitForMail(
    (one) => one.recipients.includes(address) && subject.test(subjectOf(one)),
    MAIL_DEADLINE_MS,
  );
  return readMail(mail);
}

/** How many mails the relay took for the address. */
export function countMailsTo(system: TestSystem, address: string): number {
  return system.sink.mails.filter((mail) => mail.recipients.includes(address)).length;
}
