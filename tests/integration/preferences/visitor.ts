import { mailPreferences } from '../../../src/preferences/index.ts';
import type { SubscriberId } from '../../../src/shared/ids.ts';
import { deriveToken } from '../../../src/shared/keyring.ts';
import { post, tokenPath } from '../subscriptions/reader.ts';
import type { Site } from '../subscriptions/reader.ts';

/** A browser with the cookie of a visit. */
export interface Visitor {
  readonly cookie: string;
  readonly subscriberId: SubscriberId;
  get(path?: string): Promise<Response>;
  /** Posts a form of /my; what it redirects to is not followed. */
  post(
    fields: Record<string, string> | URLSearchParams,
    path?: string,
    headers?: Record<string, string>,
  ): Promise<Response>;
}

export async function subscriberIdOf(system: Site, address: string): Promise<SubscriberId> {
  const row = await system.deps.db
    .selectFrom('subscribers')
    .select('id')
    .where('address', '=', address)
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The page that the mails of this reader link to. */
export async function preferencesOf(system: Site, address: string): Promise<string> {
  return tokenPath(system.deps, 'preferences', 'preferences', await subscriberIdOf(system, address));
}

/** The path of the newest link that was mailed to this reader, on a system without a worker. */
export async function newestLinkOf(system: Site, address: string): Promise<string> {
  const link = await system.deps.db
    .selectFrom('preference_links')
    .select('id')
    .where('subscriber_id', '=', await subscriberIdOf(system, address))
    .where('expires_at', 'is not', null)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  return `/my/open/${deriveToken(system.deps.keyring, 'preference-link', link.id)}`;
}

/** Asks for a link by the page of a mail, and has it mailed. */
export async function askForLink(system: Site, address: string): Promise<string> {
  await post(system, await preferencesOf(system, address), { action: 'change' });
  await mailPreferences(system.deps);
  return newestLinkOf(system, address);
}

export async function openVisit(system: Site, address: string): Promise<Visitor> {
  const subscriberId = await subscriberIdOf(system, address);
  const opened = await post(system, await askForLink(system, address), { open: 'yes' });
  const cookie = opened.headers.get('set-cookie')?.split(';', 1)[0];
  if (cookie === undefined) {
    throw new Error(`the link opened no visit: ${opened.status}`);
  }
  return visitorWith(system, cookie, subscriberId);
}

export function visitorWith(system: Site, cookie: string, subscriberId: SubscriberId): Visitor {
  const send = (path: string, init: RequestInit, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(system.url + path, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', 'accept-language': 'en', 'user-agent': 'Test/1.0', cookie, ...headers },
    });
  return {
    cookie,
    subscriberId,
    get: (path = '/my') => send(path, {}),
    post: (fields, path = '/my', headers = {}) =>
      send(path, { method: 'POST', body: new URLSearchParams(fields) }, headers),
  };
}

/** What was recorded about a reader, by action and what it says of itself. */
export async function recordsOf(
  system: Site,
  subscriberId: SubscriberId,
): Promise<readonly { action: string; purpose: string; details: Record<string, unknown> }[]> {
  return system.deps.db
    .selectFrom('consent_records')
    .select(['action', 'purpose', 'details'])
    .where('subscriber_id', '=', subscriberId)
    .where('action', 'not in', ['requested', 'confirmation_sent'])
    .orderBy('id')
    .execute();
}
