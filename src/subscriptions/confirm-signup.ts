import { recordConsent } from '../consent/index.ts';
import type { Circumstances, ConsentTexts } from '../consent/index.ts';
import { findDoubtfulConfirmation, resolveByEvidence } from '../deliveries/index.ts';
import { translatorFor } from '../i18n/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import { listNewsletters } from '../newsletters/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId, SignupRequestId } from '../shared/ids.ts';
import { readToken } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { liftByConfirmation } from '../suppressions/index.ts';
import { adoptRequestDetails, closeRequest, findRequest } from './signups.repository.ts';
import type { SignupRequestState } from './signups.repository.ts';
import { activate } from './subscriptions.repository.ts';

export interface ReaderDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
}

export type ConfirmOutcome =
  | {
      readonly kind: 'open' | 'confirmed' | 'already-confirmed' | 'expired';
      readonly request: SignupRequestState;
    }
  | { readonly kind: 'invalid' };

/** What the link in the mail stands for now. Changes nothing: scanners open links (R35). */
export async function inspectConfirmation(
  deps: Pick<ReaderDeps, 'db' | 'clock' | 'keyring'>,
  token: string,
): Promise<ConfirmOutcome> {
  const id = readToken(deps.keyring, 'confirm', token);
  const request = id === undefined ? undefined : await findRequest(deps.db, id);
  if (request === undefined || request.status === 'refused') {
    return { kind: 'invalid' };
  }
  if (request.status === 'confirmed') {
    return { kind: 'already-confirmed', request };
  }
  const isOpen = request.status === 'open' && request.expiresAt > deps.clock.now();
  return { kind: isOpen ? 'open' : 'expired', request };
}

/** Where the button was pressed. */
export interface ConfirmClick extends Pick<Circumstances, 'ip' | 'agent'> {
  /** Null when the POST came from no page of ours: then nothing is known to have been shown. */
  readonly page: { readonly localeFor: (known: string | null) => string; readonly url: string } | null;
}

/**
 * The button on that page: grants exactly the newsletters of the request the mail was for. Twice is fine: the second time
 * changes nothing and says so. A 2xx means that it is committed.
 */
export async function confirmSignup(
  deps: ReaderDeps & { readonly consentTexts: ConsentTexts },
  token: string,
  { page, ...circumstances }: ConfirmClick,
): Promise<ConfirmOutcome> {
  const id = readToken(deps.keyring, 'confirm', token);
  const asked = id === undefined ? undefined : await findRequest(deps.db, id);
  if (id === undefined || asked === undefined) {
    return { kind: 'invalid' };
  }
  const wording = page === null ? undefined : await storeWording(deps, asked, page.localeFor(asked.locale));
  const now = deps.clock.now();
  const request = await deps.db.transaction().execute(async (tx) => {
    const closed = await closeRequest(tx, id, 'confirmed', now);
    if (closed !== undefined) {
      await activate(tx, closed.subscriberId, closed.newsletterIds, now);
      await adoptRequestDetails(tx, [closed.id]);
      await liftByConfirmation(tx, closed.subscriberId, now);
      for (const newsletterId of closed.newsletterIds) {
        await recordConsent(
          { db: tx, random: deps.random },
          {
            action: 'granted',
            subscriberId: closed.subscriberId,
            signupRequestId: closed.id,
            newsletterIds: [newsletterId],
            address: closed.address,
            at: now,
            consentText: wording?.texts.get(newsletterId) ?? null,
            locale: wording?.locale ?? null,
            pageUrl: page?.url ?? null,
            method: 'button',
            actor: 'subscriber',
            ...circumstances,
          },
        );
      }
      await endDoubt(tx, closed.id, now);
    }
    return closed;
  });
  if (request === undefined) {
    return inspectConfirmation(deps, token);
  }
  deps.doorbell.ring('decide-signups', {});
  return { kind: 'confirmed', request };
}

/** Nobody can press the button whom the mail with its link did not reach: if it was ambiguous, it is not any more. */
async function endDoubt(tx: Tx, requestId: SignupRequestId, now: Date): Promise<void> {
  const deliveryId = await findDoubtfulConfirmation(tx, requestId);
  if (deliveryId !== undefined) {
    await resolveByEvidence(tx, { deliveryId, evidence: 'accepted', source: 'confirmed_by_reader', now });
  }
}

/** What the page says, for each newsletter: its heading, the newsletter, the button. The masked address on it is no wording. */
async function storeWording(
  deps: Pick<ReaderDeps, 'db' | 'clock'> & { readonly consentTexts: ConsentTexts },
  request: SignupRequestState,
  locale: string,
): Promise<{ readonly locale: string; readonly texts: ReadonlyMap<NewsletterId, string> }> {
  const t = translatorFor(locale);
  const newsletters = (await listNewsletters(deps.db)).filter(({ id }) => request.newsletterIds.includes(id));
  const texts = new Map(
    newsletters.map(({ id, name }) => [id, [t('confirm.heading'), name, t('confirm.button')].join('\n')]),
  );
  await deps.consentTexts.ensure(
    deps.db,
    [...texts.values()].map((text) => ({ text, locale })),
    deps.clock.now(),
  );
  return { locale, texts };
}
