import { z } from 'zod';
import type { Config } from '../config/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { LOCALES, translatorFor } from '../i18n/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { createNewsletter } from './create-newsletter.ts';
import { digestSettingsRoutes } from './digest-settings.routes.ts';
import { requireNewsletter } from './find-newsletter.ts';
import { addressSchema, newNewsletterSchema, newsletterChangesSchema, sectionsSchema } from './newsletter-input.ts';
import { effectiveIdentity } from './newsletter.ts';
import type { Newsletter } from './newsletter.ts';
import { countActiveSubscribers, selectNewsletters, selectProofreaders } from './newsletters.repository.ts';
import { addProofreader, removeProofreader } from './proofreaders.ts';
import { replaceSections } from './replace-sections.ts';
import { updateNewsletter } from './update-newsletter.ts';

interface RouteDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly config: Pick<Config, 'mailFrom' | 'postalAddress'>;
}

const params = z.strictObject({
  id: z.coerce
    .number()
    .int()
    .positive()
    .transform((id) => id as NewsletterId),
});
const proofreader = z.strictObject({ address: addressSchema });

export function newslettersRoutes(deps: RouteDeps): readonly ApiRoute[] {
  return [...settingsRoutes(deps), ...digestSettingsRoutes(deps), ...proofreaderRoutes(deps)];
}

function settingsRoutes(deps: RouteDeps): readonly ApiRoute[] {
  const present = async (newsletter: Newsletter): Promise<object> =>
    describe(deps, newsletter, await countActiveSubscribers(deps.db));
  return [
    apiRoute({
      method: 'get',
      path: '/newsletters',
      access: 'newsletters:read',
      summary: 'All newsletters with their sections',
      handle: async () => {
        const [newsletters, active] = await Promise.all([selectNewsletters(deps.db), countActiveSubscribers(deps.db)]);
        return { newsletters: newsletters.map((newsletter) => describe(deps, newsletter, active)) };
      },
    }),
    apiRoute({
      method: 'get',
      path: '/languages',
      access: 'newsletters:read',
      summary: 'The languages of pages and of the words around an issue; a newsletter in another one gets the default',
      handle: () =>
        Promise.resolve({ languages: LOCALES.map((tag) => ({ tag, name: translatorFor(tag)('language') })) }),
    }),
    apiRoute({
      method: 'post',
      path: '/newsletters',
      access: 'newsletters:write',
      summary: 'Add a newsletter',
      body: newNewsletterSchema,
      status: 201,
      handle: async ({ body, actor }) => present(await createNewsletter(deps, body, known(actor))),
    }),
    apiRoute({
      method: 'get',
      path: '/newsletters/:id',
      access: 'newsletters:read',
      summary: 'One newsletter',
      params,
      handle: async ({ params }) => present(await requireNewsletter(deps.db, params)),
    }),
    apiRoute({
      method: 'patch',
      path: '/newsletters/:id',
      access: 'newsletters:write',
      summary: 'Change settings of a newsletter; what is left out stays',
      params,
      body: newsletterChangesSchema,
      handle: async ({ params, body, actor }) => present(await updateNewsletter(deps, params.id, body, known(actor))),
    }),
    apiRoute({
      method: 'put',
      path: '/newsletters/:id/sections',
      access: 'newsletters:write',
      summary: 'Replace the list of sections, in this order; tells how many readers had chosen what is gone',
      params,
      body: z.strictObject({ sections: sectionsSchema }),
      handle: async ({ params, body, actor }) => {
        const { newsletter, lostBy } = await replaceSections(deps, params.id, body.sections, known(actor));
        return { ...(await present(newsletter)), lostBy };
      },
    }),
  ];
}

function proofreaderRoutes(deps: RouteDeps): readonly ApiRoute[] {
  const path = '/newsletters/:id/proofreaders';
  const list = async (id: NewsletterId): Promise<object> => ({
    proofreaders: await selectProofreaders(deps.db, id),
  });
  return [
    apiRoute({
      method: 'get',
      path,
      access: 'newsletters:read',
      summary: 'Who may get test mails besides admins',
      params,
      handle: async ({ params }) => {
        await requireNewsletter(deps.db, params);
        return list(params.id);
      },
    }),
    apiRoute({
      method: 'post',
      path,
      access: 'newsletters:write',
      summary: 'Let test mails go to this address',
      params,
      body: proofreader,
      status: 201,
      handle: async ({ params, body, actor }) => {
        await addProofreader(deps, params.id, body.address, known(actor));
        return list(params.id);
      },
    }),
    apiRoute({
      method: 'delete',
      path,
      access: 'newsletters:write',
      summary: 'No more test mails to this address',
      params,
      body: proofreader,
      status: 204,
      handle: async ({ params, body, actor }) => removeProofreader(deps, params.id, body.address, known(actor)),
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

function describe({ config }: RouteDeps, newsletter: Newsletter, active: ReadonlyMap<NewsletterId, number>): object {
  const { cutoffAt: _cutoffAt, digestLook: _digestLook, brand: _brand, sections, ...settings } = newsletter;
  const { fromName, fromAddress, postalAddress } = effectiveIdentity(newsletter, config);
  return {
    ...settings,
    activeSubscribers: active.get(newsletter.id) ?? 0,
    sections,
    effective: { fromName, fromAddress, postalAddress },
  };
}
