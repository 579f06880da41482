export { acceptPages } from './accept.routes.ts';
export { acceptancesRoutes } from './acceptances.routes.ts';
