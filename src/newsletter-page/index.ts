export { newsletterPages } from './newsletter-page.routes.ts';
