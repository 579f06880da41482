import { z } from 'zod';
import { readConsentStory } from '../consent/index.ts';
import { listDeliveriesOf } from '../deliveries/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId, SubscriberId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { listSuppressionsOf } from '../suppressions/index.ts';
import { requireSubscriber } from './find-subscriber.ts';
import { countSubscribers, selectSubscribers } from './subscribers.repository.ts';
import { suppressSubscriber, unsubscribeSubscriber } from './suppress-subscriber.ts';

const PAGE_SIZE = 50;
const MAILS_SHOWN = 200;

const id = z.coerce.number().int().positive();
const params = z.strictObject({ id: id.transform((value) => value as SubscriberId) });
const querySchema = z.strictObject({
  q: z
    .string()
    .trim()
    .max(254)
    .optional()
    .transform((value) => (value === '' ? undefined : value)),
  status: z.enum(['pending', 'active', 'unsubscribed', 'suppressed']).optional(),
  newsletterId: id.transform((value) => value as NewsletterId).optional(),
  cursor: id.transform((value) => value as SubscriberId).optional(),
});

interface SubscribersDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
}

export function subscribersRoutes(deps: SubscribersDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/subscribers',
      access: 'subscribers:read',
      summary: 'Subscribers, newest first',
      query: querySchema,
      handle: async ({ query }) => {
        const subscribers = await selectSubscribers(deps.db, query, PAGE_SIZE);
        const total = await countSubscribers(deps.db, query);
        return { subscribers, total, nextCursor: subscribers.length === PAGE_SIZE ? subscribers.at(-1)?.id : null };
      },
    }),
    apiRoute({
      method: 'get',
      path: '/subscribers/:id',
      access: 'subscribers:read',
      summary: 'One subscriber with the story of their consents and mails',
      params,
      handle: async ({ params: { id: subscriberId } }) => {
        const subscriber = await requireSubscriber(deps.db, subscriberId);
        const consent = await readConsentStory(deps.db, subscriberId);
        const deliveries = await listDeliveriesOf(deps.db, subscriberId, MAILS_SHOWN);
        const suppressions = await listSuppressionsOf(deps.db, subscriberId);
        return { ...subscriber, consent: consent.map(presentConsent), deliveries, suppressions };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/subscribers/:id/unsubscribe',
      access: 'subscribers:write',
      summary: 'End one subscription or all of them, at the wish of the reader',
      params,
      body: z.strictObject({ newsletterId: z.number().int().positive().optional() }),
      status: 204,
      handle: async ({ params: { id: subscriberId }, body, actor }) => {
        const subscriber = await requireSubscriber(deps.db, subscriberId);
        await unsubscribeSubscriber(
          deps,
          subscriber,
          body.newsletterId as NewsletterId | undefined,
          actor ?? SYSTEM_ACTOR,
        );
      },
    }),
    apiRoute({
      method: 'post',
      path: '/subscribers/:id/suppress',
      access: 'subscribers:write',
      summary: 'Close the address to every mail',
      params,
      body: z.strictObject({}),
      status: 204,
      handle: async ({ params: { id: subscriberId }, actor }) => {
        await suppressSubscriber(deps, await requireSubscriber(deps.db, subscriberId), actor ?? SYSTEM_ACTOR);
      },
    }),
  ];
}

type ConsentStory = Awaited<ReturnType<typeof readConsentStory>>;

function presentConsent(entry: ConsentStory[number]): Record<string, unknown> {
  const { consentText, termsText, privacyText, isSealed, ...rest } = entry;
  return { ...rest, texts: { consent: consentText, terms: termsText, privacy: privacyText }, sealed: isSealed };
}
