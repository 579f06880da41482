import { z } from 'zod';
import { SCOPES } from '../shared/actor.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { AccountsDeps } from './account.ts';
import { listApiTokens } from './api-tokens.repository.ts';
import { createApiToken, revokeApiToken, TOKEN_DEFAULT_DAYS, TOKEN_MAX_DAYS } from './create-api-token.ts';

export function apiTokenRoutes(deps: Pick<AccountsDeps, 'db' | 'clock' | 'random'>): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/tokens',
      access: 'system:read',
      summary: 'API tokens, with prefix, scopes, expiry and last use',
      handle: async () => ({ tokens: await listApiTokens(deps.db) }),
    }),
    apiRoute({
      method: 'post',
      path: '/tokens',
      access: 'system:write',
      summary: 'Make an API token; the secret is in this answer only',
      body: z.strictObject({
        name: z.string().trim().min(1).max(120),
        scopes: z.array(z.enum(SCOPES)).min(1),
        expiresInDays: z.number().int().min(1).max(TOKEN_MAX_DAYS).default(TOKEN_DEFAULT_DAYS),
      }),
      status: 201,
      handle: async ({ body, actor }) => {
        const { token, secret } = await createApiToken(deps, { ...body, actor: known(actor) });
        return { ...token, secret };
      },
    }),
    apiRoute({
      method: 'delete',
      path: '/tokens/:id',
      access: 'system:write',
      summary: 'Revoke an API token',
      params: z.strictObject({ id: z.coerce.number().int().positive() }),
      status: 204,
      handle: async ({ params, actor }) => {
        await revokeApiToken(deps, { id: params.id, actor: known(actor) });
      },
    }),
  ];
}

/** createApp lets nobody through to a scoped route without one; this tells the compiler. */
function known(actor: Actor | undefined): Actor {
  if (actor === undefined) {
    throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
  }
  return actor;
}
