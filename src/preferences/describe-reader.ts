import { formatDay, LOCALES, translatorFor } from '../i18n/index.ts';
import { describeCadence } from '../newsletters/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import { findOpenChange } from './address-changes.repository.ts';
import { trackingText } from './choose-tracking.ts';
import { describeContents } from './describe-content.ts';
import { listJoinOffers } from './join-newsletter.ts';
import { listPauseChoices } from './pause-subscriptions.ts';
import type { PreferenceDeps } from './preference-deps.ts';
import type { Reader } from './reader.ts';

type View = Readonly<Record<string, unknown>>;

const TIME_ZONES = Intl.supportedValuesOf('timeZone');

/** What both pages show: the subscriptions, what may be chosen within them, and what a pause may be. Nothing here tells the whole address. */
export function describeSubscriptions(reader: Reader, now: Date, locale: string, mayWiden: boolean): View {
  const text = translatorFor(locale);
  const active = reader.subscriptions.filter((one) => one.status === 'active');
  return {
    maskedAddress: maskAddress(reader.address),
    subscriptions: reader.subscriptions.map((one) => ({
      newsletterId: one.newsletterId,
      name: one.newsletterName,
      status: one.status,
      pausedUntil: one.pausedUntil === null ? undefined : formatDay(locale, one.pausedUntil),
    })),
    active: active.map((one) => ({ newsletterId: one.newsletterId, name: one.newsletterName })),
    contents: describeContents(reader, locale, mayWiden),
    pauses: listPauseChoices(now).map(({ weeks, until }) => ({
      value: until.toISOString().slice(0, 10),
      label: text('preferences.pause_weeks', { count: weeks, date: formatDay(locale, until) }),
    })),
    isTrackingAllowed: reader.isTrackingAllowed,
    trackingText: trackingText(locale),
  };
}

/** What a note says besides its words: the two ways out for who ticked no section, and where issues are that do not come again. */
export function describeNote(reader: Reader, note: string | undefined, newsletterId: number | undefined): View {
  const about = reader.subscriptions.find((one) => one.newsletterId === newsletterId);
  if (about === undefined) {
    return {};
  }
  const { newsletterName: name, content } = about;
  if (note === 'content_none') {
    return { without: { newsletterId, name } };
  }
  return note === 'content_more_often' && content.isPublic ? { archiveUrl: `/archive/${content.newsletterSlug}` } : {};
}

/** Everything that a visit shows. */
export async function describeVisit(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'signupForms'>,
  reader: Reader,
  locale: string,
): Promise<View> {
  const now = deps.clock.now();
  const change = await findOpenChange(deps.db, reader.id, now);
  const offers = await listJoinOffers(deps, reader, locale);
  return {
    ...describeSubscriptions(reader, now, locale, true),
    address: reader.address,
    newAddress: change?.newAddress,
    offers: offers.map(({ newsletter, form, consentText, asksForTerms }) => ({
      newsletterId: newsletter.id,
      name: newsletter.name,
      description: newsletter.description,
      cadenceText: describeCadence(newsletter.cron, newsletter.timeZone, locale),
      consentText,
      terms: asksForTerms ? form.terms : undefined,
      privacy: form.privacy,
      version: form.version,
    })),
    readerLocale: reader.locale ?? locale,
    languageChoices: LOCALES.map((tag) => ({ tag, name: translatorFor(tag)('language') })),
    timeZone: reader.timeZone ?? '',
    timeZones: TIME_ZONES,
  };
}
