import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { documentParams, selectDocument } from '../legal/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { inputError, notFound } from '../shared/app-error.ts';
import { countAcceptances, countAcceptancesOf, listAcceptances } from './acceptances.repository.ts';

const PAGE_SIZE = 50;

export function acceptancesRoutes(deps: { readonly db: Db }): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/legal-acceptances',
      access: 'system:read',
      summary: 'How many subscribers accepted each version of the terms last',
      handle: async () => ({ versions: await countAcceptances(deps.db) }),
    }),
    apiRoute({
      method: 'get',
      path: '/legal-documents/:id/acceptances',
      access: 'subscribers:read',
      summary: 'Who accepted this version of the terms last, newest subscribers first',
      params: documentParams,
      query: z.strictObject({ cursor: z.coerce.number().int().positive().optional() }),
      handle: async ({ params, query }) => {
        const document = await selectDocument(deps.db, params.id);
        if (document === undefined) {
          throw notFound('document_not_found', 'There is no such version.');
        }
        if (document.kind === 'privacy') {
          throw inputError('acceptance_of_privacy', 'A privacy notice is shown; nobody accepts it.');
        }
        const found = await listAcceptances(deps.db, params.id, { before: query.cursor, limit: PAGE_SIZE + 1 });
        const acceptances = found.slice(0, PAGE_SIZE);
        return {
          count: await countAcceptancesOf(deps.db, params.id),
          acceptances,
          nextCursor: found.length > PAGE_SIZE ? (acceptances.at(-1)?.subscriberId ?? null) : null,
        };
      },
    }),
  ];
}
