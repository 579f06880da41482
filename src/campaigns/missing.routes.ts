import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { CampaignId, SubscriberId } from '../shared/ids.ts';
import { requireCampaign } from './find-campaign.ts';
import { exportMissingMergeData } from './missing-export.ts';
import { listMissingMergeData } from './missing-merge-data.ts';
import type { StartDeps } from './start-campaign.ts';

const PAGE_SIZE = 50;

const id = z.coerce.number().int().positive();
const params = z.strictObject({ id: id.transform((value) => value as CampaignId) });
const query = z.strictObject({ cursor: id.transform((value) => value as SubscriberId).optional() });

/** Addresses are read here, which takes more than sending a campaign does. */
export function missingRoutes(deps: StartDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/campaigns/:id/missing-merge-data',
      access: 'subscribers:read',
      summary: 'Readers who lack what the mail prints without a default: it is not sent while there are any',
      params,
      query,
      handle: async ({ params, query: { cursor } }) =>
        listMissingMergeData(deps, await requireCampaign(deps.db, params.id), { after: cursor, limit: PAGE_SIZE }),
    }),
    apiRoute({
      method: 'get',
      path: '/campaigns/:id/missing-merge-data.csv',
      access: 'subscribers:read',
      summary: 'The same as CSV (RFC 4180), whole; cells that a spreadsheet would run begin with an apostrophe',
      params,
      handle: async ({ params, actor, res }) => {
        const campaign = await requireCampaign(deps.db, params.id);
        // What cannot be listed is said before the first byte.
        await listMissingMergeData(deps, campaign, { after: undefined, limit: 1 });
        res.type('text/csv; charset=utf-8');
        res.attachment(`campaign-${campaign.id}-missing.csv`);
        const pieces = exportMissingMergeData(deps, campaign, { actor: actor ?? SYSTEM_ACTOR, format: 'csv' });
        await pipeline(pieces, res);
      },
    }),
  ];
}
