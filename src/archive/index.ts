export { archivePages } from './archive.routes.ts';
export { sitemapPages } from './sitemap.routes.ts';
