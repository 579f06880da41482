import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { listAudit } from './audit.repository.ts';

const PAGE_SIZE = 50;

export function auditRoutes(deps: { readonly db: Db }): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/audit',
      access: 'system:read',
      summary: 'Who did what, newest first',
      query: z.strictObject({
        subjectKind: z.string().max(60).optional(),
        subjectId: z.string().max(60).optional(),
        cursor: z.coerce.number().int().positive().optional(),
      }),
      handle: async ({ query }) => {
        const { cursor, ...subject } = query;
        const found = await listAudit(deps.db, { ...subject, before: cursor, limit: PAGE_SIZE + 1 });
        const entries = found.slice(0, PAGE_SIZE);
        return { entries, nextCursor: found.length > PAGE_SIZE ? (entries.at(-1)?.id ?? null) : null };
      },
    }),
  ];
}
