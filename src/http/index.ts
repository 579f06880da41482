export { apiRoute } from './api-route.ts';
export type { ApiRoute } from './api-route.ts';
export { adminApp } from './admin-app.ts';
export { createApp } from './create-app.ts';
export type { AppParts } from './create-app.ts';
export { tokenPage } from './security-headers.ts';
export { renderView, sendPage } from './views.ts';
