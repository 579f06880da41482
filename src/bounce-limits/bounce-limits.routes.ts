import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { bounceLimitChangesSchema } from './bounce-limits.ts';
import { changeBounceLimits, readBounceLimits } from './change-bounce-limits.ts';

export function bounceLimitsRoutes(deps: { readonly db: Db; readonly clock: Clock }): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/sending/bounce-limits',
      access: 'system:read',
      summary: 'When refusals stop a campaign or close an address',
      handle: () => readBounceLimits(deps.db),
    }),
    apiRoute({
      method: 'patch',
      path: '/sending/bounce-limits',
      access: 'system:write',
      summary: 'Change when refusals stop a campaign or close an address; what is left out stays',
      body: bounceLimitChangesSchema,
      handle: ({ body, actor }) => changeBounceLimits(deps, body, actor ?? SYSTEM_ACTOR),
    }),
  ];
}
