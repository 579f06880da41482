import { readConsentStory } from '../consent/index.ts';
import type { ConsentStoryEntry } from '../consent/index.ts';
import { formatInstant, translatorFor } from '../i18n/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { SignupRequestState } from './signups.repository.ts';

/** What was recorded for this request, newsletter by newsletter: the wordings, their versions and both times. */
export async function describeRecords(
  deps: { readonly db: Db },
  request: SignupRequestState,
  locale: string,
): Promise<readonly Record<string, unknown>[]> {
  const story = (await readConsentStory(deps.db, request.subscriberId)).filter(
    (entry) => entry.signupRequestId === request.id,
  );
  // Sign-ups through the API: what was shown is asserted by the caller, not known to us.
  const callersWording = translatorFor(locale)('declarations.asserted');
  const grantOf = (asked: ConsentStoryEntry): ConsentStoryEntry | undefined =>
    story.findLast((entry) => entry.action === 'granted' && entry.newsletterId === asked.newsletterId);
  return story
    .filter((entry) => entry.action === 'requested')
    .map((asked) => ({
      newsletterName: asked.newsletterName,
      consentText: asked.consentText ?? callersWording,
      termsText: asked.termsText ?? callersWording,
      termsLocale: asked.termsLocale,
      termsVersion: asked.termsVersion,
      privacyText: asked.privacyText ?? callersWording,
      privacyLocale: asked.privacyLocale,
      privacyVersion: asked.privacyVersion,
      requestedAt: formatInstant(locale, asked.occurredAt, 'precise'),
      confirmedAt: formatInstant(locale, grantOf(asked)?.occurredAt ?? request.closedAt ?? asked.occurredAt, 'precise'),
    }));
}
