export { addressPages } from './address.routes.ts';
export { hasWaitingPreferenceMails } from './address-changes.repository.ts';
export { linkPages } from './link-pages.routes.ts';
export { mailPreferences } from './mail-preferences.ts';
export { myPages } from './my.routes.ts';
export { preferencePages } from './preferences.routes.ts';
export { deleteOldPreferenceRows } from './readers.repository.ts';
