import { recordConsent, storeWording } from '../consent/index.ts';
import type { Circumstances, ConsentTexts, ShownPage, ShownWording } from '../consent/index.ts';
import { joinWords, translatorFor } from '../i18n/index.ts';
import type { NewsletterId, SubscriberId } from '../shared/ids.ts';
import { readMomentToken, readToken } from '../shared/keyring.ts';
import type { ReaderDeps } from './confirm-signup.ts';
import {
  deactivate,
  findSubscription,
  insertUnsubscribeReason,
  listLeftTogether,
  reactivate,
} from './subscriptions.repository.ts';
import type { SubscriptionRow } from './subscriptions.repository.ts';

/** For how long "that was a mistake" takes it back. */
export const REJOIN_MINUTES = 10;

export const UNSUBSCRIBE_REASONS = ['too-often', 'not-relevant', 'never-signed-up', 'other'] as const;
export type UnsubscribeReason = (typeof UNSUBSCRIBE_REASONS)[number];

/** The subscription behind an unsubscribe link; undefined for an unknown token. Changes nothing. */
export async function inspectUnsubscribe(
  deps: Pick<ReaderDeps, 'db' | 'keyring'>,
  token: string,
): Promise<SubscriptionRow | undefined> {
  const id = readToken(deps.keyring, 'unsubscribe', token);
  return id === undefined ? undefined : findSubscription(deps.db, id);
}

export interface Leaving {
  readonly subscription: SubscriptionRow | undefined;
  /** False when nothing was left to end: then there is nothing to take back either. */
  readonly hasEnded: boolean;
}

/**
 * Ends one subscription, or all of the subscriber's. Idempotent: leaving twice records one withdrawal. The token never expires
 * (R3) and one that is unknown changes nothing.
 */
export async function leaveNewsletter(
  deps: ReaderDeps & { readonly consentTexts: ConsentTexts },
  token: string,
  scope: 'one' | 'all',
  {
    page,
    ...circumstances
  }: Pick<Circumstances, 'ip' | 'agent' | 'method'> & {
    /** The page with the button; null for RFC 8058, which shows none of ours. */
    readonly page: { readonly localeFor: (known: string | null) => string; readonly url: string } | null;
  },
): Promise<Leaving> {
  const subscription = await inspectUnsubscribe(deps, token);
  if (subscription === undefined) {
    return { subscription, hasEnded: false };
  }
  const shown =
    page === null
      ? {}
      : await storeLeaveWording(deps, subscription, scope, {
          locale: page.localeFor(subscription.locale),
          url: page.url,
        });
  const ended = await endSubscriptions(deps, subscription, scope === 'all' ? null : subscription.newsletterId, {
    ...circumstances,
    ...shown,
    actor: 'subscriber',
  });
  // As it is now: the page after it is about this leaving.
  return { subscription: await findSubscription(deps.db, subscription.id), hasEnded: ended > 0 };
}

/** What the page asked and what its button said. */
function storeLeaveWording(
  deps: Pick<ReaderDeps, 'db' | 'clock'> & { readonly consentTexts: ConsentTexts },
  { newsletterName }: SubscriptionRow,
  scope: 'one' | 'all',
  page: ShownPage,
): Promise<ShownWording> {
  const t = translatorFor(page.locale);
  const button = t(scope === 'all' ? 'leave.button_all' : 'leave.button');
  return storeWording(deps, page, [t('leave.heading', { newsletter: newsletterName }), button]);
}

/** Whoever asks for it: the reader's link, the preference page, an admin. Returns how many ended just now. */
export async function endSubscriptions(
  deps: Pick<ReaderDeps, 'db' | 'clock' | 'random'>,
  subscriber: { readonly subscriberId: SubscriberId; readonly address: string },
  newsletterId: NewsletterId | null,
  circumstances: Circumstances & ShownWording,
): Promise<number> {
  const now = deps.clock.now();
  return deps.db.transaction().execute(async (tx) => {
    const newsletterIds = await deactivate(
      tx,
      subscriber.subscriberId,
      newsletterId === null ? null : [newsletterId],
      now,
    );
    if (newsletterIds.length > 0) {
      const { subscriberId, address } = subscriber;
      await recordConsent(
        { db: tx, random: deps.random },
        { action: 'withdrawn', subscriberId, address, newsletterIds, at: now, ...circumstances },
      );
    }
    return newsletterIds.length;
  });
}

/** Names everything that it takes back: a consent covers what its wording says. */
export function rejoinText(newsletterNames: readonly string[], locale: string): string {
  return translatorFor(locale)('declarations.rejoin', { newsletters: joinWords(locale, newsletterNames) });
}

/** What "that was a mistake" would bring back after this subscription was left. */
export async function listRejoinable(
  deps: Pick<ReaderDeps, 'db'>,
  subscription: SubscriptionRow,
): Promise<readonly string[]> {
  return (await listLeftTogether(deps.db, subscription.id)).map(({ newsletterName }) => newsletterName);
}

/**
 * "That was a mistake", for ten minutes after leaving: a new declaration with a wording of its own. The token is of one leaving: who
 * leaves again later has a page and a token of that.
 */
export async function rejoinNewsletter(
  deps: ReaderDeps & { readonly consentTexts: ConsentTexts },
  token: string,
  /** Of the wording that was shown. */
  locale: string,
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<{ readonly kind: 'rejoined'; readonly subscription: SubscriptionRow } | { readonly kind: 'too-late' }> {
  const leaving = readMomentToken(deps.keyring, 'rejoin', token);
  const left = leaving === undefined ? undefined : await findSubscription(deps.db, leaving.rowId);
  if (leaving === undefined || left === undefined) {
    return { kind: 'too-late' };
  }
  const now = deps.clock.now();
  const names = await listRejoinable(deps, left);
  if (names.length > 0) {
    const consentText = rejoinText(names, locale);
    await deps.consentTexts.ensure(deps.db, [{ text: consentText, locale }], now);
    await deps.db.transaction().execute(async (tx) => {
      const since = new Date(now.getTime() - REJOIN_MINUTES * 60_000);
      const newsletterIds = await reactivate(tx, left.id, { leftAt: leaving.at, since });
      const { subscriberId, address } = left;
      await recordConsent(
        { db: tx, random: deps.random },
        {
          action: 'renewed',
          subscriberId,
          address,
          newsletterIds,
          at: now,
          consentText,
          locale,
          method: 'button',
          actor: 'subscriber',
          ...circumstances,
        },
      );
    });
  }
  // As it is now: a double click finds that the first one has done it.
  const subscription = await findSubscription(deps.db, left.id);
  return subscription?.status === 'active' ? { kind: 'rejoined', subscription } : { kind: 'too-late' };
}

export async function giveReason(
  deps: Pick<ReaderDeps, 'db' | 'clock' | 'keyring'>,
  token: string,
  reason: { readonly reason: UnsubscribeReason; readonly comment: string | null },
): Promise<SubscriptionRow | undefined> {
  const subscription = await inspectUnsubscribe(deps, token);
  if (subscription?.status === 'unsubscribed') {
    await insertUnsubscribeReason(deps.db, { subscriptionId: subscription.id, ...reason, now: deps.clock.now() });
  }
  return subscription;
}
