import { storeWording } from '../consent/index.ts';
import type { ShownPage, ShownWording } from '../consent/index.ts';
import { translatorFor } from '../i18n/index.ts';
import type { ContentView } from './describe-content.ts';
import type { PreferenceDeps } from './preference-deps.ts';

type WordingDeps = Pick<PreferenceDeps, 'db' | 'clock' | 'consentTexts'>;

/** Beside the button that ends one subscription, or all of them (null). */
export function storeLeaveWording(
  deps: WordingDeps,
  page: ShownPage,
  newsletterName: string | null,
): Promise<ShownWording> {
  const t = translatorFor(page.locale);
  const lines = newsletterName === null ? [t('preferences.leave_all')] : [newsletterName, t('preferences.leave')];
  return storeWording(deps, page, lines);
}

/** Beside the button that pauses, or the one that goes on at once. */
export function storePauseWording(deps: WordingDeps, page: ShownPage, isPause: boolean): Promise<ShownWording> {
  const t = translatorFor(page.locale);
  const lines = isPause
    ? [t('preferences.pause_title'), t('preferences.pause_text'), t('preferences.pause_button')]
    : [t('preferences.resume')];
  return storeWording(deps, page, lines);
}

/** Beside the button that saves what of a newsletter comes and how often. Which of it was chosen is in the record's details. */
export function storeContentWording(
  deps: WordingDeps,
  page: ShownPage,
  content: ContentView | undefined,
): Promise<ShownWording> {
  const t = translatorFor(page.locale);
  const sections =
    content?.sections === undefined
      ? []
      : [
          t('preferences.content_sections'),
          ...content.sections.map(({ name }) => name),
          t('preferences.content_sections_hint'),
        ];
  const frequencies =
    content?.frequencies === undefined
      ? []
      : [
          t('preferences.content_frequency'),
          ...content.frequencies.map(({ label }) => label),
          t('preferences.content_frequency_hint'),
        ];
  const name = content === undefined ? [] : [content.name];
  return storeWording(deps, page, [
    t('preferences.content_title'),
    ...name,
    ...sections,
    ...frequencies,
    t('preferences.save'),
  ]);
}

/** Beside the button that saves language and time zone. */
export function storeDetailsWording(deps: WordingDeps, page: ShownPage): Promise<ShownWording> {
  const t = translatorFor(page.locale);
  const lines = ['details_title', 'language', 'language_hint', 'zone', 'zone_hint', 'save'];
  return storeWording(
    deps,
    page,
    lines.map((line) => t(`preferences.${line}`)),
  );
}
