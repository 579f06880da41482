import { recordConsent } from '../consent/index.ts';
import type { Circumstances, ConsentTexts } from '../consent/index.ts';
import { translatorFor } from '../i18n/index.ts';
import type { NewsletterId, SignupRequestId } from '../shared/ids.ts';
import { deriveMomentToken, readMomentToken, readToken } from '../shared/keyring.ts';
import type { ReaderDeps } from './confirm-signup.ts';
import { findRequest } from './signups.repository.ts';
import type { SignupRequestState } from './signups.repository.ts';
import { activate } from './subscriptions.repository.ts';
import { closeGrantedRequests, listWaiting, lockWaitingRequests } from './waiting.repository.ts';
import type { WaitingNewsletter } from './waiting.repository.ts';

/** For how long the page after the click can grant what waits: whoever opens a forwarded mail later cannot. */
const PAGE_MINUTES = 30;

export interface WaitingOffer {
  readonly token: string;
  readonly newsletters: readonly WaitingNewsletter[];
}

/**
 * What else was asked for in this person's name, for the page that answers the click; undefined when there is nothing. Only that page
 * has the token: it is made from the moment of the click.
 */
export async function offerWaiting(
  deps: Pick<ReaderDeps, 'db' | 'clock' | 'keyring'>,
  request: SignupRequestState,
): Promise<WaitingOffer | undefined> {
  const now = deps.clock.now();
  const { closedAt } = request;
  if (closedAt === null || !isFresh(closedAt, now)) {
    return undefined;
  }
  const newsletters = await listWaiting(deps.db, { ...request, closedAt }, now);
  return newsletters.length === 0
    ? undefined
    : { token: deriveMomentToken(deps.keyring, 'more-page', { rowId: request.id, at: closedAt }), newsletters };
}

function isFresh(closedAt: Date, now: Date): boolean {
  return now.getTime() - closedAt.getTime() < PAGE_MINUTES * 60_000;
}

export interface WaitingChoice {
  readonly requestId: SignupRequestId;
  readonly newsletterId: NewsletterId;
}

export type GrantWaitingOutcome =
  | {
      readonly kind: 'granted';
      readonly request: SignupRequestState;
      readonly newsletters: readonly WaitingNewsletter[];
    }
  | { readonly kind: 'too-late'; readonly request: SignupRequestState | undefined };

/**
 * Grants what was ticked, each on the ground of its own request and wording. What was not ticked stays unconfirmed and expires: a
 * stranger may have added it. Twice is fine.
 */
export async function grantWaiting(
  deps: ReaderDeps & { readonly consentTexts: ConsentTexts },
  page: {
    readonly confirmToken: string;
    readonly token: string;
    readonly choices: readonly WaitingChoice[];
    readonly localeFor: (known: string | null) => string;
  },
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<GrantWaitingOutcome> {
  const now = deps.clock.now();
  const id = readToken(deps.keyring, 'confirm', page.confirmToken);
  const shown = readMomentToken(deps.keyring, 'more-page', page.token);
  const request = id === undefined ? undefined : await findRequest(deps.db, id);
  const closedAt = request?.status === 'confirmed' ? request.closedAt : null;
  if (
    request === undefined ||
    closedAt === null ||
    shown === undefined ||
    shown.rowId !== id ||
    !isFresh(shown.at, now)
  ) {
    return { kind: 'too-late', request };
  }
  // Where only a caller of the API knows the wording it was asked for with, the box had this one.
  const locale = page.localeFor(request.locale);
  const ownText = translatorFor(locale)('declarations.asserted');
  await deps.consentTexts.ensure(deps.db, [{ text: ownText, locale }], now);
  const newsletters = await deps.db.transaction().execute(async (tx) => {
    await lockWaitingRequests(tx, request.subscriberId);
    const waiting = await listWaiting(tx, { ...request, closedAt }, now);
    const ticked = waiting.filter((one) =>
      page.choices.some(
        ({ requestId, newsletterId }) => requestId === one.requestId && newsletterId === one.newsletterId,
      ),
    );
    for (const { requestId, newsletterId, consentText, textLocale } of ticked) {
      await activate(tx, request.subscriberId, [newsletterId], now);
      await recordConsent(
        { db: tx, random: deps.random },
        {
          action: 'granted',
          subscriberId: request.subscriberId,
          signupRequestId: requestId,
          newsletterIds: [newsletterId],
          address: request.address,
          at: now,
          consentText: consentText ?? ownText,
          locale: consentText === null ? locale : textLocale,
          method: 'unticked-box',
          actor: 'subscriber',
          ...circumstances,
        },
      );
    }
    await closeGrantedRequests(
      tx,
      ticked.map(({ requestId }) => requestId),
      now,
    );
    return ticked;
  });
  return { kind: 'granted', request, newsletters };
}
