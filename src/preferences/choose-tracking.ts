import { recordConsent } from '../consent/index.ts';
import type { Circumstances } from '../consent/index.ts';
import { translatorFor } from '../i18n/index.ts';
import type { PreferenceDeps } from './preference-deps.ts';
import type { Reader } from './reader.ts';
import { setTracking } from './readers.repository.ts';

/**
 * The fourth declaration (R31): off unless given, apart from every other, and as easily taken back. Recorded with the wording
 * that the page shows.
 */
export async function chooseTracking(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'random' | 'consentTexts'>,
  reader: Reader,
  choice: { readonly isAllowed: boolean; readonly locale: string },
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<void> {
  const now = deps.clock.now();
  const consentText = trackingText(choice.locale);
  await deps.consentTexts.ensure(deps.db, [{ text: consentText, locale: choice.locale }], now);
  await deps.db.transaction().execute(async (tx) => {
    if (await setTracking(tx, reader.id, choice.isAllowed)) {
      await recordConsent(
        { db: tx, random: deps.random },
        {
          action: choice.isAllowed ? 'granted' : 'withdrawn',
          purpose: 'tracking',
          subscriberId: reader.id,
          newsletterIds: null,
          address: reader.address,
          at: now,
          consentText,
          locale: choice.locale,
          method: 'button',
          actor: 'subscriber',
          ...circumstances,
        },
      );
    }
  });
}

export function trackingText(locale: string): string {
  return translatorFor(locale)('preferences.tracking_text');
}
