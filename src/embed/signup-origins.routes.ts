import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { originsBodySchema } from './origin.ts';
import { selectOrigins } from './signup-origins.repository.ts';
import { replaceOrigins } from './signup-origins.ts';

/** Which sites may hold the form: for the admin app and API tokens. */
export function signupOriginsRoutes(deps: { readonly db: Db; readonly clock: Clock }): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/signup-origins',
      access: 'system:read',
      summary: 'The sites whose pages may hold the sign-up form',
      handle: async () => ({ origins: await selectOrigins(deps.db) }),
    }),
    apiRoute({
      method: 'put',
      path: '/signup-origins',
      access: 'system:write',
      summary: 'Replace the sites whose pages may hold the sign-up form',
      body: originsBodySchema,
      handle: async ({ body, actor }) => {
        if (actor === undefined) {
          throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
        }
        return { origins: await replaceOrigins(deps, body.origins, actor) };
      },
    }),
  ];
}
