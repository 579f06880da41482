import { z } from 'zod';
import { recordAudit } from '../audit/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Actor } from '../shared/actor.ts';
import { inputError, notFound } from '../shared/app-error.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import { collectEvidence } from './collect-evidence.ts';
import type { EvidenceDeps } from './collect-evidence.ts';
import { eraseSubscriber } from './erase-subscriber.ts';
import type { EraseDeps } from './erase-subscriber.ts';
import { exportPersonalData } from './export-personal-data.ts';
import type { PersonalData } from './export-personal-data.ts';

const params = z.strictObject({
  id: z.coerce
    .number()
    .int()
    .positive()
    .transform((value) => value as SubscriberId),
});

/** What a person has a right to, done by an admin or through the API. */
export function rightsRoutes(deps: EvidenceDeps & EraseDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/subscribers/:id/evidence',
      access: 'evidence:read',
      summary: 'Everything that proves what one person agreed to, also after an erasure',
      params,
      handle: ({ params: { id }, actor }) => collectEvidence(deps, { kind: 'subscriber', id }, actor ?? SYSTEM_ACTOR),
    }),
    apiRoute({
      method: 'post',
      path: '/evidence',
      access: 'evidence:read',
      summary: 'The same by mail address, also of somebody who was erased',
      body: z.strictObject({ email: z.string().max(320) }),
      handle: ({ body, actor }) => {
        const address = parseEmailAddress(body.email);
        if (address === undefined) {
          throw inputError('email_invalid', 'This is not a mail address.');
        }
        return collectEvidence(deps, { kind: 'address', address }, actor ?? SYSTEM_ACTOR);
      },
    }),
    apiRoute({
      method: 'get',
      path: '/subscribers/:id/export',
      access: 'evidence:read',
      summary: 'Everything that is stored about one person, to hand over to them',
      params,
      handle: ({ params: { id }, actor }) => handOver(deps, id, actor ?? SYSTEM_ACTOR),
    }),
    apiRoute({
      method: 'delete',
      path: '/subscribers/:id',
      access: 'subscribers:write',
      summary: 'Erase a person; what the law wants kept stays restricted',
      params,
      status: 204,
      handle: async ({ params: { id: subscriberId }, actor }) => {
        const erasure = { subscriberId, actor: actor ?? SYSTEM_ACTOR, method: 'admin' as const };
        if ((await eraseSubscriber(deps, erasure)).kind === 'gone') {
          throw noSuchSubscriber();
        }
      },
    }),
  ];
}

async function handOver(deps: EvidenceDeps, subscriberId: SubscriberId, actor: Actor): Promise<PersonalData> {
  await recordAudit(deps.db, {
    actor,
    action: 'subscriber.data_exported',
    subjectKind: 'subscriber',
    subjectId: subscriberId,
  });
  const data = await exportPersonalData(deps, subscriberId);
  if (data === undefined) {
    throw noSuchSubscriber();
  }
  return data;
}

function noSuchSubscriber(): Error {
  return notFound('subscriber_not_found', 'There is no such subscriber.');
}
