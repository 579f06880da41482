import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { LimitedRelay } from './limit.ts';
import { limitSchema, scopeSchema } from './limit-input.ts';
import { listLimits } from './list-limits.ts';
import { clearLimit, setLimit } from './set-limit.ts';

interface RouteDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
  readonly findRelays: () => Promise<readonly LimitedRelay[]>;
}

const path = '/sending/limits/:scope';
const params = z.strictObject({ scope: scopeSchema });

export function limitsRoutes(deps: RouteDeps): readonly ApiRoute[] {
  const list = async (): Promise<object> => ({ limits: await listLimits(deps, await deps.findRelays()) });
  return [
    apiRoute({
      method: 'get',
      path: '/sending/limits',
      access: 'system:read',
      summary: 'How much may be sent overall, over a relay and to a domain, what of it is used, and what is paused',
      handle: list,
    }),
    apiRoute({
      method: 'put',
      path,
      access: 'system:write',
      summary: 'Limit a scope: overall, relay:HOST:PORT, domain:NAME or domain:*; what is left out is not limited',
      params,
      body: limitSchema,
      handle: async ({ params, body, actor }) => {
        await setLimit(deps, { scope: params.scope, limit: body, actor: known(actor) });
        return list();
      },
    }),
    apiRoute({
      method: 'delete',
      path,
      access: 'system:write',
      summary: 'Limit a scope no more',
      params,
      status: 204,
      handle: async ({ params, actor }) => clearLimit(deps, { scope: params.scope, actor: known(actor) }),
    }),
  ];
}

/** createApp has refused requests without an actor before a scoped route runs; the type does not know. */
function known(actor: Actor | undefined): Actor {
  if (actor === undefined) {
    throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
  }
  return actor;
}
