import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { selectBrand } from './brand.repository.ts';
import type { Brand } from './brand.ts';
import { brandChangesSchema, digestRulesChangesSchema } from './digest-settings-input.ts';
import { selectDigestRules } from './digest-rules.repository.ts';
import type { DigestRules } from './digest-rules.ts';
import { requireNewsletter } from './find-newsletter.ts';
import type { Newsletter } from './newsletter.ts';
import { listSlowerFrequencies } from './slower-frequencies.ts';
import { updateBrand } from './update-brand.ts';
import { updateDigestRules } from './update-digest-rules.ts';

const params = z.strictObject({
  id: z.coerce
    .number()
    .int()
    .positive()
    .transform((id) => id as NewsletterId),
});

/** How the issues of a newsletter come about, and what they look like. */
export function digestSettingsRoutes(deps: { readonly db: Db; readonly clock: Clock }): readonly ApiRoute[] {
  return [...rulesRoutes(deps), ...brandRoutes(deps)];
}

function rulesRoutes(deps: { readonly db: Db; readonly clock: Clock }): readonly ApiRoute[] {
  const path = '/newsletters/:id/digest-rules';
  return [
    apiRoute({
      method: 'get',
      path,
      access: 'newsletters:read',
      summary: 'How the issues of a newsletter come about',
      params,
      handle: async ({ params }) => {
        const newsletter = await requireNewsletter(deps.db, params);
        return describeRules(newsletter, await selectDigestRules(deps.db, params.id));
      },
    }),
    apiRoute({
      method: 'patch',
      path,
      access: 'newsletters:write',
      summary: 'Change how issues come about, from the next one that is built; what is left out stays',
      params,
      body: digestRulesChangesSchema,
      handle: async ({ params, body, actor }) => {
        const rules = await updateDigestRules(deps, params.id, body, actor ?? SYSTEM_ACTOR);
        return describeRules(await requireNewsletter(deps.db, params), rules);
      },
    }),
  ];
}

function brandRoutes(deps: { readonly db: Db; readonly clock: Clock }): readonly ApiRoute[] {
  const path = '/newsletters/:id/brand';
  return [
    apiRoute({
      method: 'get',
      path,
      access: 'newsletters:read',
      summary: 'What the mails and archive pages of a newsletter look like',
      params,
      handle: async ({ params }) => {
        await requireNewsletter(deps.db, params);
        return withoutId(await selectBrand(deps.db, params.id));
      },
    }),
    apiRoute({
      method: 'patch',
      path,
      access: 'newsletters:write',
      summary: 'Change the look of mails and archive pages; what is left out stays',
      params,
      body: brandChangesSchema,
      handle: async ({ params, body, actor }) =>
        withoutId(await updateBrand(deps, params.id, body, actor ?? SYSTEM_ACTOR)),
    }),
  ];
}

/** With the frequencies that its schedule has room for, whether they are offered or not. */
function describeRules({ cron }: Newsletter, rules: DigestRules): object {
  return { ...withoutId(rules), slowerFrequencies: listSlowerFrequencies(cron) };
}

function withoutId({ newsletterId: _newsletterId, ...settings }: DigestRules | Brand): object {
  return settings;
}
