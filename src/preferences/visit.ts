import { hashSecret, readToken } from '../shared/keyring.ts';
import { newSecret } from '../shared/random.ts';
import type { SubscriberId } from '../shared/ids.ts';
import { endVisit, findLink, findVisitor, useLink } from './links.repository.ts';
import type { PreferenceLink } from './links.repository.ts';
import type { PreferenceDeps } from './preference-deps.ts';
import { VISIT_MINUTES } from './reader.ts';

export type LinkState =
  | { readonly kind: 'fresh'; readonly link: PreferenceLink }
  /** Used, or its time is over: a new one can be asked for. */
  | { readonly kind: 'over'; readonly link: PreferenceLink }
  | { readonly kind: 'invalid' };

/** What a mailed link stands for now. Changes nothing: scanners open links (R35). */
export async function inspectLink(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'keyring'>,
  token: string,
): Promise<LinkState> {
  const id = readToken(deps.keyring, 'preference-link', token);
  const link = id === undefined ? undefined : await findLink(deps.db, id);
  if (link === undefined || link.expiresAt === null) {
    return { kind: 'invalid' };
  }
  return { kind: link.usedAt === null && link.expiresAt > deps.clock.now() ? 'fresh' : 'over', link };
}

/**
 * Uses the link up and begins a visit; the secret goes into a cookie and only its hash is kept. A double click finds that the
 * first one has begun it: `cookie` is what the browser holds already.
 */
export async function beginVisit(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'keyring' | 'random'>,
  token: string,
  cookie: string | undefined,
): Promise<{ readonly kind: 'begun'; readonly secret: string } | { readonly kind: 'going-on' } | LinkState> {
  const state = await inspectLink(deps, token);
  if (state.kind !== 'fresh') {
    const isOwn = state.kind === 'over' && cookie !== undefined && state.link.sessionHash?.equals(hashSecret(cookie));
    return isOwn === true ? { kind: 'going-on' } : state;
  }
  const id = readToken(deps.keyring, 'preference-link', token);
  const now = deps.clock.now();
  const secret = newSecret(deps.random);
  const endsAt = new Date(now.getTime() + VISIT_MINUTES * 60_000);
  const isFirst = id !== undefined && (await useLink(deps.db, id, { hash: hashSecret(secret), now, endsAt }));
  return isFirst ? { kind: 'begun', secret } : { kind: 'over', link: state.link };
}

/** Whose visit this cookie stands for, while it lasts. */
export async function resumeVisit(
  deps: Pick<PreferenceDeps, 'db' | 'clock'>,
  cookie: string | undefined,
): Promise<SubscriberId | undefined> {
  return cookie === undefined ? undefined : findVisitor(deps.db, hashSecret(cookie), deps.clock.now());
}

export async function leaveVisit(deps: Pick<PreferenceDeps, 'db' | 'clock'>, cookie: string): Promise<void> {
  await endVisit(deps.db, hashSecret(cookie), deps.clock.now());
}
