import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { Campaign } from './campaign.ts';
import { addressSchema, campaignChangesSchema, newCampaignSchema, previewSchema } from './campaign-input.ts';
import { campaignProgress } from './campaign-progress.ts';
import { selectCampaigns } from './campaigns.repository.ts';
import { cancelCampaign } from './cancel-campaign.ts';
import { countRecipients } from './count-recipients.ts';
import { createCampaign } from './create-campaign.ts';
import { deleteCampaign } from './delete-campaign.ts';
import { requireCampaign } from './find-campaign.ts';
import { missingRoutes } from './missing.routes.ts';
import type { CampaignOrder } from './move-campaign.ts';
import { pauseCampaign, resumeCampaign } from './pause-campaign.ts';
import { previewCampaign } from './preview-campaign.ts';
import { recipientsRoutes } from './recipients.routes.ts';
import { sendCampaign } from './send-campaign.ts';
import { sendSchema, toStartTime, toTiming } from './send-input.ts';
import type { StartDeps } from './start-campaign.ts';
import { testCampaign } from './test-campaign.ts';
import { undoSend } from './undo-send.ts';
import { updateCampaign } from './update-campaign.ts';

const PAGE_SIZE = 50;
const MOVING: ReadonlySet<Campaign['status']> = new Set(['sending', 'paused']);

const campaignId = z.coerce
  .number()
  .int()
  .positive()
  .transform((id) => id as CampaignId);
const params = z.strictObject({ id: campaignId });

const recipient = z.strictObject({ to: addressSchema });

export function campaignsRoutes(deps: StartDeps): readonly ApiRoute[] {
  return [...draftRoutes(deps), ...sendingRoutes(deps), ...missingRoutes(deps), ...recipientsRoutes(deps)];
}

function draftRoutes(deps: StartDeps): readonly ApiRoute[] {
  const present = presentWith(deps);
  return [
    apiRoute({
      method: 'get',
      path: '/campaigns',
      access: 'campaigns:read',
      summary: 'Campaigns and issues that are or were mailed, newest first',
      query: z.strictObject({ cursor: campaignId.optional() }),
      handle: async ({ query }) => {
        const found = await selectCampaigns(deps.db, { before: query.cursor, limit: PAGE_SIZE + 1 });
        const page = found.slice(0, PAGE_SIZE);
        const campaigns = await Promise.all(page.map((campaign) => summarise(deps, campaign)));
        return { campaigns, nextCursor: found.length > PAGE_SIZE ? (page.at(-1)?.id ?? null) : null };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/campaigns',
      access: 'campaigns:write',
      summary: 'Write a campaign',
      body: newCampaignSchema,
      status: 201,
      handle: async ({ body, actor }) => present((await createCampaign(deps, body, known(actor))).campaign),
    }),
    // Before `/campaigns/:id/...`, which would take "preview" for an id.
    apiRoute({
      method: 'post',
      path: '/campaigns/preview',
      access: 'campaigns:read',
      summary: 'The compiled mail of a text; stores nothing',
      body: previewSchema,
      handle: ({ body }) => previewCampaign(deps, body),
    }),
    apiRoute({
      method: 'get',
      path: '/campaigns/:id',
      access: 'campaigns:read',
      summary: 'One campaign and its progress',
      params,
      handle: async ({ params }) => present(await requireCampaign(deps.db, params.id)),
    }),
    apiRoute({
      method: 'patch',
      path: '/campaigns/:id',
      access: 'campaigns:write',
      summary: 'Change a draft',
      params,
      body: campaignChangesSchema,
      handle: async ({ params, body, actor }) => present(await updateCampaign(deps, order(params, actor), body)),
    }),
    apiRoute({
      method: 'delete',
      path: '/campaigns/:id',
      access: 'campaigns:write',
      summary: 'Delete a draft',
      params,
      status: 204,
      handle: ({ params, actor }) => deleteCampaign(deps, order(params, actor)),
    }),
  ];
}

function sendingRoutes(deps: StartDeps): readonly ApiRoute[] {
  const present = presentWith(deps);
  const action = (name: string, summary: string, run: (order: CampaignOrder) => Promise<Campaign>): ApiRoute =>
    apiRoute({
      method: 'post',
      path: `/campaigns/:id/${name}`,
      access: 'campaigns:write',
      summary,
      params,
      handle: async ({ params, actor }) => present(await run(order(params, actor))),
    });
  return [
    apiRoute({
      method: 'get',
      path: '/campaigns/:id/audience',
      access: 'campaigns:read',
      summary: 'How many it goes to: the frozen audience, or who would be in it now',
      params,
      handle: async ({ params }) => ({
        count: await countRecipients(deps.db, await requireCampaign(deps.db, params.id), deps.clock.now()),
      }),
    }),
    apiRoute({
      method: 'post',
      path: '/campaigns/:id/test',
      access: 'campaigns:write',
      summary: 'Mail it to an admin or a proofreader, marked [Test]',
      params,
      body: recipient,
      status: 202,
      handle: async ({ params, body, actor }) => {
        await testCampaign(deps, order(params, actor), body.to);
        return { status: 'accepted' };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/campaigns/:id/send',
      access: 'campaigns:write',
      summary: 'Send it in 60 seconds, at a time, or immediately; by the newsletter’s clock or each reader’s own',
      params,
      body: sendSchema,
      handle: async ({ params, body, actor }) => {
        const { expectedCount, ambiguousPolicy } = body;
        const wish = { expectedCount, start: toStartTime(body), ambiguousPolicy, timing: toTiming(body) };
        return present(await sendCampaign(deps, order(params, actor), wish));
      },
    }),
    action('undo', 'Back to a draft, while it has not started', (asked) => undoSend(deps, asked)),
    action('pause', 'Send no more for now', (asked) => pauseCampaign(deps, asked)),
    action('resume', 'Go on', (asked) => resumeCampaign(deps, asked)),
    action('cancel', 'Send no more, for good', (asked) => cancelCampaign(deps, asked)),
  ];
}

function presentWith(deps: StartDeps): (campaign: Campaign) => Promise<object> {
  return async (campaign) => ({ ...campaign, progress: await campaignProgress(deps, campaign) });
}

/** Without its text; counted only while numbers change. */
async function summarise(deps: StartDeps, campaign: Campaign): Promise<object> {
  const { source: _source, ...summary } = campaign;
  return { ...summary, progress: MOVING.has(campaign.status) ? await campaignProgress(deps, campaign) : null };
}

/** createApp has refused requests without an actor before a scoped route runs; the type does not know. */
function order(params: { readonly id: CampaignId }, actor: Actor | undefined): CampaignOrder {
  return { id: params.id, actor: known(actor) };
}

function known(actor: Actor | undefined): Actor {
  if (actor === undefined) {
    throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
  }
  return actor;
}
