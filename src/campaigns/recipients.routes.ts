import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { z } from 'zod';
import { RECIPIENT_FILTERS, RETRY_SCOPES, findRecipients, listRecipients } from '../deliveries/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Actor } from '../shared/actor.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { CampaignId, DeliveryId, SubscriberId } from '../shared/ids.ts';
import { addressSchema } from './campaign-input.ts';
import { campaignProgress } from './campaign-progress.ts';
import type { Campaign } from './campaign.ts';
import { requireCampaign } from './find-campaign.ts';
import { addMessageIds, requireRecipientStory } from './recipients.ts';
import { exportRecipients } from './recipients-export.ts';
import { RESOLUTIONS, resolveAmbiguous } from './resolve-ambiguous.ts';
import type { AmbiguousChoice } from './resolve-ambiguous.ts';
import { countFailed, retryFailed } from './retry-failed.ts';
import type { StartDeps } from './start-campaign.ts';

const PAGE_SIZE = 50;

const id = z.coerce.number().int().positive();
const params = z.strictObject({ id: id.transform((value) => value as CampaignId) });
const state = z.enum(RECIPIENT_FILTERS).optional();
const cursor = id.transform((value) => value as SubscriberId).optional();
const scope = z.enum(RETRY_SCOPES).default('all-failed');

const resolveSchema = z
  .strictObject({
    resolution: z.enum(RESOLUTIONS),
    all: z.literal(true).optional(),
    deliveryIds: z.array(z.number().int().positive()).min(1).max(10_000).optional(),
    to: z.array(addressSchema).min(1).max(10_000).optional(),
  })
  .transform(({ resolution, all, deliveryIds, to }, context) => {
    const choices: AmbiguousChoice[] = [
      ...(all === true ? [{ kind: 'all' as const }] : []),
      ...(deliveryIds === undefined ? [] : [{ kind: 'deliveries' as const, ids: deliveryIds as DeliveryId[] }]),
      ...(to === undefined ? [] : [{ kind: 'addresses' as const, addresses: to }]),
    ];
    const [choice] = choices;
    if (choice === undefined || choices.length > 1) {
      const message = 'Say which: either all, or deliveryIds, or to.';
      context.addIssue({ code: 'custom', path: ['all'], message, params: { code: 'choice_unclear' } });
      return z.NEVER;
    }
    return { resolution, choice };
  });

/** Lists with addresses in them need the scope for subscribers. */
export function recipientsRoutes(deps: StartDeps): readonly ApiRoute[] {
  return [...listRoutes(deps), ...ambiguousRoutes(deps), ...retryRoutes(deps)];
}

function listRoutes(deps: StartDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/campaigns/:id/deliveries',
      access: 'subscribers:read',
      summary: 'Who got it: the frozen audience and what became of each mail; q is one exact address',
      params,
      query: z.strictObject({ state, cursor, q: z.string().trim().max(254).optional() }),
      handle: async ({ params: { id: campaignId }, query }) => {
        await requireCampaign(deps.db, campaignId);
        if (query.q !== undefined && query.q !== '') {
          const exact = parseEmailAddress(query.q);
          const found = exact === undefined ? [] : await findRecipients(deps.db, campaignId, exact);
          return { deliveries: found, nextCursor: null };
        }
        return listPage(deps, campaignId, query);
      },
    }),
    apiRoute({
      method: 'get',
      path: '/campaigns/:id/deliveries.csv',
      access: 'subscribers:read',
      summary: 'The same as CSV (RFC 4180), whole; cells that a spreadsheet would run begin with an apostrophe',
      params,
      query: z.strictObject({ state }),
      handle: ({ params: { id: campaignId }, query, actor, res }) =>
        download(deps, res, { campaignId, state: query.state, actor: actor ?? SYSTEM_ACTOR }),
    }),
    apiRoute({
      method: 'get',
      path: '/campaigns/:id/deliveries/:deliveryId',
      access: 'subscribers:read',
      summary: 'One mail of a campaign and what happened on its way',
      params: params.extend({ deliveryId: id.transform((value) => value as DeliveryId) }),
      handle: ({ params: { id: campaignId, deliveryId } }) => requireRecipientStory(deps, campaignId, deliveryId),
    }),
  ];
}

async function listPage(
  deps: StartDeps,
  campaignId: CampaignId,
  query: { readonly state?: z.output<typeof state>; readonly cursor?: z.output<typeof cursor> },
): Promise<object> {
  const page = { campaignId, state: query.state, after: query.cursor, limit: PAGE_SIZE + 1 };
  const found = await listRecipients(deps.db, page);
  const deliveries = found.slice(0, PAGE_SIZE);
  return { deliveries, nextCursor: found.length > PAGE_SIZE ? (deliveries.at(-1)?.subscriberId ?? null) : null };
}

/** Whoever stops downloading is no fault of ours. */
async function download(
  deps: StartDeps,
  res: Response,
  request: { readonly campaignId: CampaignId; readonly state: z.output<typeof state>; readonly actor: Actor },
): Promise<void> {
  const { id: campaignId } = await requireCampaign(deps.db, request.campaignId);
  res.type('text/csv; charset=utf-8');
  res.attachment(`campaign-${campaignId}-recipients.csv`);
  try {
    await pipeline(exportRecipients(deps, { ...request, id: campaignId, format: 'csv' }), res);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      throw error;
    }
  }
}

function ambiguousRoutes(deps: StartDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/campaigns/:id/ambiguous',
      access: 'subscribers:read',
      summary: 'Mails whose reply never came, with the Message-ID to look for in the log of the relay',
      params,
      query: z.strictObject({ cursor }),
      handle: async ({ params: { id: campaignId }, query }) => {
        await requireCampaign(deps.db, campaignId);
        const page = { campaignId, state: 'ambiguous' as const, after: query.cursor, limit: PAGE_SIZE + 1 };
        const found = await listRecipients(deps.db, page);
        const deliveries = await addMessageIds(deps, found.slice(0, PAGE_SIZE));
        return { deliveries, nextCursor: found.length > PAGE_SIZE ? (deliveries.at(-1)?.subscriberId ?? null) : null };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/campaigns/:id/resolve',
      access: 'campaigns:write',
      summary: 'Decide about ambiguous mails: accepted, rejected, or sent once more',
      params,
      body: resolveSchema,
      handle: async ({ params: { id: campaignId }, body, actor }) => {
        const order = { id: campaignId, actor: actor ?? SYSTEM_ACTOR };
        const { campaign, resolved } = await resolveAmbiguous(deps, order, body);
        return { resolved, campaign: await present(deps, campaign) };
      },
    }),
  ];
}

function retryRoutes(deps: StartDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/campaigns/:id/retry',
      access: 'campaigns:read',
      summary: 'How many a retry would mail',
      params,
      query: z.strictObject({ state: scope }),
      handle: async ({ params: { id: campaignId }, query }) => {
        await requireCampaign(deps.db, campaignId);
        return { count: await countFailed(deps, campaignId, query.state) };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/campaigns/:id/retry',
      access: 'campaigns:write',
      summary: 'Send it once more to those whose mail failed',
      params,
      body: z.strictObject({ state: scope }),
      handle: async ({ params: { id: campaignId }, body, actor }) => {
        const order = { id: campaignId, actor: actor ?? SYSTEM_ACTOR };
        const { campaign, retried } = await retryFailed(deps, order, body.state);
        return { retried, campaign: await present(deps, campaign) };
      },
    }),
  ];
}

async function present(deps: StartDeps, campaign: Campaign): Promise<object> {
  return { ...campaign, progress: await campaignProgress(deps, campaign) };
}
