import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { Keyring } from '../shared/keyring.ts';
import { liftSuppression } from './lift-suppression.ts';
import { findSuppressions, suppressAddress } from './suppress-address.ts';
import { mayAdminLift, SUPPRESSION_REASONS } from './suppression.ts';
import type { Suppression } from './suppression.ts';
import { selectSuppressions } from './suppression-list.repository.ts';
import { whySchema } from './why.ts';

const PAGE_SIZE = 50;

const id = z.coerce.number().int().positive();
const emailBody = z.strictObject({ email: z.string().max(320) });

interface SuppressionsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
}

/** The closed addresses. An address travels in a body, never in a URL. */
export function suppressionsRoutes(deps: SuppressionsDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/suppressions',
      access: 'subscribers:read',
      summary: 'Closed addresses, newest first; known by name only where somebody has the address now',
      query: z.strictObject({
        reason: z.enum(SUPPRESSION_REASONS).optional(),
        lifted: z.stringbool().optional(),
        cursor: id.optional(),
      }),
      handle: async ({ query: { reason, lifted, cursor } }) => {
        const found = await selectSuppressions(deps.db, { reason, withLifted: lifted, cursor }, PAGE_SIZE);
        return {
          suppressions: found.map(present),
          nextCursor: found.length === PAGE_SIZE ? (found.at(-1)?.id ?? null) : null,
        };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/suppressions/search',
      access: 'subscribers:read',
      summary: 'What is open against one address, known to us or not',
      body: emailBody,
      handle: async ({ body }) => ({
        suppressions: (await findSuppressions(deps, requireAddress(body.email))).map(present),
      }),
    }),
    apiRoute({
      method: 'post',
      path: '/suppressions',
      access: 'subscribers:write',
      summary: 'Close an address to every mail, known to us or not',
      body: emailBody,
      status: 204,
      handle: async ({ body, actor }) => {
        await suppressAddress(deps, requireAddress(body.email), actor ?? SYSTEM_ACTOR);
      },
    }),
    apiRoute({
      method: 'post',
      path: '/suppressions/:id/lift',
      access: 'subscribers:write',
      summary: 'Open an address again after a hard bounce or a suppression by hand, and say why',
      params: z.strictObject({ id }),
      body: z.strictObject({ why: whySchema }),
      status: 204,
      handle: ({ params, body, actor }) =>
        liftSuppression(deps, { id: params.id, why: body.why, actor: actor ?? SYSTEM_ACTOR }),
    }),
  ];
}

function requireAddress(email: string): ParsedAddress {
  const parsed = parseEmailAddress(email);
  if (parsed === undefined) {
    const message = 'This is not a mail address.';
    throw inputError('email_invalid', message, { fields: [{ field: 'email', code: 'email_invalid', message }] });
  }
  return parsed;
}

function present(suppression: Suppression): Readonly<Record<string, unknown>> {
  return { ...suppression, canLift: suppression.liftedAt === null && mayAdminLift(suppression.reason) };
}
