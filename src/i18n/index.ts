export { DEFAULT_LOCALE } from './catalogue.ts';
export type { Translate } from './catalogue.ts';
export {
  capitalise,
  formatAppointment,
  formatDay,
  formatInstant,
  formatMonth,
  joinWords,
  nameZone,
} from './formats.ts';
export { registerTranslation } from './liquid-filters.ts';
export { directionOf, findLocale, findText, LOCALES, matchLocale, translatorFor } from './translate.ts';
