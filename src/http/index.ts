export { apiRoute } from './api-route.ts';
export type { ApiRoute } from './api-route.ts';
export { chooseLocale, localeOf } from './choose-locale.ts';
export { adminApp } from './admin-app.ts';
export { createApp } from './create-app.ts';
export { tokenPage } from './security-headers.ts';
export { sendPage } from './views.ts';
