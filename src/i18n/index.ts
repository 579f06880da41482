export { registerTranslation } from './liquid-filters.ts';
export { DEFAULT_LOCALE, directionOf, findLocale, LOCALES, matchLocale, translatorFor } from './translate.ts';
export type { Translate } from './translate.ts';
