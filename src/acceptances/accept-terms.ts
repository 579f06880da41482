import type { Config } from '../config/index.ts';
import { recordConsent } from '../consent/index.ts';
import type { Circumstances, ConsentTexts } from '../consent/index.ts';
import { formatDay, translatorFor } from '../i18n/index.ts';
import { currentDocuments, selectAllDocuments } from '../legal/index.ts';
import type { LegalDocument } from '../legal/index.ts';
import type { Db, DbOrTx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { readToken } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { needsAcceptance } from './acceptance.ts';
import type { Acceptance } from './acceptance.ts';
import { lockReader, selectAcceptance, selectAsk } from './acceptances.repository.ts';
import type { AcceptanceAsk } from './acceptances.repository.ts';

export interface AcceptanceDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly consentTexts: ConsentTexts;
  readonly config: Pick<Config, 'publicUrl'>;
}

export type AcceptanceState =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'asked'; readonly ask: AcceptanceAsk; readonly document: LegalDocument }
  | { readonly kind: 'accepted'; readonly ask: AcceptanceAsk; readonly acceptance: Acceptance };

/** What the link of an issue stands for now. Changes nothing: scanners open links (R35). */
export async function inspectAcceptance(
  deps: Pick<AcceptanceDeps, 'db' | 'clock' | 'keyring'>,
  token: string,
): Promise<AcceptanceState> {
  const deliveryId = readToken(deps.keyring, 'accept-terms', token);
  const ask = deliveryId === undefined ? undefined : await selectAsk(deps.db, deliveryId);
  return ask === undefined ? { kind: 'invalid' } : judge(deps, ask);
}

async function judge(
  deps: { readonly db: DbOrTx; readonly clock: Clock },
  ask: AcceptanceAsk,
): Promise<Exclude<AcceptanceState, { kind: 'invalid' }>> {
  const { terms } = await currentDocuments(deps, ask.termsLocale);
  const all = await selectAllDocuments(deps.db);
  const last = await selectAcceptance(deps.db, ask.subscriberId);
  const document = all.find(({ id }) => id === last?.documentId);
  const accepted = last === undefined || document === undefined ? undefined : { document, acceptedAt: last.acceptedAt };
  return accepted === undefined || needsAcceptance(all, terms, accepted, deps.clock.now())
    ? { kind: 'asked', ask, document: terms }
    : { kind: 'accepted', ask, acceptance: accepted };
}

export type AcceptanceOutcome =
  | AcceptanceState
  | { readonly kind: 'recorded'; readonly document: LegalDocument }
  /** The version that the page showed is not the one in effect any more; nothing was recorded. */
  | { readonly kind: 'outdated'; readonly ask: AcceptanceAsk; readonly document: LegalDocument };

/**
 * The button on that page, its box ticked: records once that exactly the version which was shown is accepted. A second click
 * finds that it is done. A 2xx means that it is committed.
 */
export async function acceptTerms(
  deps: AcceptanceDeps,
  token: string,
  shown: { readonly documentId: number; readonly locale: string },
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<AcceptanceOutcome> {
  const before = await inspectAcceptance(deps, token);
  if (before.kind !== 'asked') {
    return before;
  }
  const { ask } = before;
  const termsText = wordAcceptance(before.document, shown.locale);
  await deps.consentTexts.ensure(deps.db, [{ text: termsText, locale: shown.locale }], deps.clock.now());
  return deps.db.transaction().execute(async (tx): Promise<AcceptanceOutcome> => {
    if (!(await lockReader(tx, ask.subscriberId))) {
      return { kind: 'invalid' };
    }
    const state = await judge({ db: tx, clock: deps.clock }, ask);
    if (state.kind === 'accepted') {
      return state;
    }
    const { document } = state;
    if (document.id !== shown.documentId || document.id !== before.document.id) {
      return { kind: 'outdated', ask, document };
    }
    await recordConsent(
      { db: tx, random: deps.random },
      {
        action: 'changed',
        subscriberId: ask.subscriberId,
        newsletterIds: null,
        address: ask.address,
        at: deps.clock.now(),
        termsText,
        termsDocumentId: document.id,
        locale: shown.locale,
        method: 'unticked-box',
        formId: 'accept-terms',
        pageUrl: `${deps.config.publicUrl}/accept`,
        actor: 'subscriber',
        // The mail that asked: whoever holds it may have answered.
        details: { deliveryId: ask.deliveryId },
        ...circumstances,
      },
    );
    return { kind: 'recorded', document };
  });
}

/** What stands beside the box and in the record, word for word. */
export function wordAcceptance(document: LegalDocument, locale: string): string {
  const date = formatDay(locale, document.publishedAt);
  return translatorFor(locale)('legal_accept.agree', { version: document.version, date });
}
