import { recordConsent } from '../consent/index.ts';
import type { Circumstances } from '../consent/index.ts';
import { LOCALES } from '../i18n/index.ts';
import { currentDocuments } from '../legal/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { activateSubscriptions, formForOne } from '../subscriptions/index.ts';
import type { SignupForm } from '../subscriptions/index.ts';
import type { PreferenceDeps } from './preference-deps.ts';
import type { Reader } from './reader.ts';
import { hasAccepted, isSuppressed, lockReader } from './readers.repository.ts';

/** What consent records name as the form. */
const FORM_ID = 'preferences';

/** One newsletter as the page offers it: exactly what is recorded when the button is pressed. */
export interface JoinOffer {
  readonly newsletter: Newsletter;
  /** With this newsletter alone, so that the button is the consent. */
  readonly form: SignupForm;
  readonly consentText: string;
  /** False when they have accepted the current version already: then nobody asks again. */
  readonly asksForTerms: boolean;
}

type OfferDeps = Pick<PreferenceDeps, 'db' | 'clock' | 'signupForms'>;
type JoinDeps = OfferDeps & Pick<PreferenceDeps, 'random' | 'consentTexts' | 'config'>;

/** What the reader may join, with the wordings in the language of the page. */
export async function listJoinOffers(deps: OfferDeps, reader: Reader, locale: string): Promise<readonly JoinOffer[]> {
  const active = new Set(reader.subscriptions.filter((one) => one.status === 'active').map((one) => one.newsletterId));
  const whole = await deps.signupForms.current(locale);
  const newsletters = whole.newsletters.filter((one) => !active.has(one.id));
  if (newsletters.length === 0) {
    return [];
  }
  const asksForTerms = !(await hasAcceptedTerms(deps, reader));
  return newsletters.flatMap((newsletter) => {
    const form = formForOne(whole, newsletter.slug);
    const consentText = form?.consentTexts.get(newsletter.slug);
    return form === undefined || consentText === undefined ? [] : [{ newsletter, form, consentText, asksForTerms }];
  });
}

/** In whatever language: the versions that are current are one text to us. */
async function hasAcceptedTerms(deps: OfferDeps, reader: Reader): Promise<boolean> {
  const current = await Promise.all(LOCALES.map((locale) => currentDocuments(deps, locale)));
  return hasAccepted(
    deps.db,
    reader.id,
    current.map(({ terms }) => terms.id),
  );
}

export type JoinOutcome = 'joined' | 'terms-missing' | 'wording-changed' | 'not-offered' | 'suppressed';

export interface JoinWish {
  readonly newsletterId: NewsletterId;
  /** Of the form that was on the page: a wording that has changed since is shown again instead of being recorded unseen. */
  readonly version: string;
  readonly hasTicked: boolean;
  readonly locale: string;
}

/** Joins at once: the visit has proved the address, so nothing is left to confirm. */
export async function joinNewsletter(
  deps: JoinDeps,
  reader: Reader,
  wish: JoinWish,
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<JoinOutcome> {
  if (reader.subscriptions.some((one) => one.newsletterId === wish.newsletterId && one.status === 'active')) {
    return 'joined';
  }
  const offers = await listJoinOffers(deps, reader, wish.locale);
  const offer = offers.find((one) => one.newsletter.id === wish.newsletterId);
  if (offer === undefined || offer.form.closed !== undefined) {
    return 'not-offered';
  }
  if (offer.form.version !== wish.version) {
    return 'wording-changed';
  }
  return offer.asksForTerms && !wish.hasTicked ? 'terms-missing' : grant(deps, reader, offer, circumstances);
}

async function grant(
  deps: JoinDeps,
  reader: Reader,
  offer: JoinOffer,
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<JoinOutcome> {
  const now = deps.clock.now();
  const { form, consentText, asksForTerms } = offer;
  const { locale, documents, version } = form;
  const shown = [consentText, form.privacy.text, ...(asksForTerms ? [form.terms.text] : [])];
  await deps.consentTexts.ensure(
    deps.db,
    shown.map((text) => ({ text, locale })),
    now,
  );
  return deps.db.transaction().execute(async (tx) => {
    // A double click waits here for the first one, and then finds nothing left to do.
    const locked = await lockReader(tx, reader.id);
    if (locked === undefined || (await isSuppressed(tx, reader.id))) {
      return 'suppressed';
    }
    const newsletterIds = await activateSubscriptions(tx, reader.id, [offer.newsletter.id], now);
    await recordConsent(
      { db: tx, random: deps.random },
      {
        action: 'granted',
        subscriberId: reader.id,
        newsletterIds,
        address: locked.address,
        at: now,
        consentText,
        privacyText: form.privacy.text,
        privacyDocumentId: documents.privacy.id,
        ...(asksForTerms ? { termsText: form.terms.text, termsDocumentId: documents.terms.id } : {}),
        formId: FORM_ID,
        formVersion: version,
        locale,
        pageUrl: `${deps.config.publicUrl}/my`,
        method: 'button',
        actor: 'subscriber',
        ...circumstances,
      },
    );
    return 'joined';
  });
}
