import express from 'express';
import type { Request, Response, Router } from 'express';
import MarkdownIt from 'markdown-it';
import { z } from 'zod';
import { apiRoute, sendPage } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { AppError, notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { currentDocument } from './current-documents.ts';
import { LEGAL_KINDS } from './legal-document.ts';
import type { LegalDocument, LegalKind } from './legal-document.ts';
import { selectAllDocuments, selectMarkdown, selectVersion } from './legal.repository.ts';
import { publishDocument } from './publish-document.ts';

const locale = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,8}(?:-[a-z\d]{1,8})*$/i, 'Use a language tag such as en or de-AT.');

/** The publisher writes Markdown, but an admin account is not a reason to run scripts on readers: no HTML (S2). */
const markdownIt = new MarkdownIt({ html: false, linkify: true });

/** GET /terms and /privacy: the current version, or with `?version=` (and `?locale=`) an earlier one. */
export function legalPages(deps: { readonly db: Db }): Router {
  const router = express.Router();
  for (const kind of LEGAL_KINDS) {
    router.get(`/${kind}`, async (req, res) => showDocument(deps.db, kind, req, res));
  }
  return router;
}

const pageQuery = z.object({
  locale: locale.catch('en'),
  version: z.coerce.number().int().positive().max(1_000_000).optional().catch(undefined),
});

async function showDocument(db: Db, kind: LegalKind, req: Request, res: Response): Promise<void> {
  const { locale, version } = pageQuery.parse(req.query);
  const current = await currentDocument(db, kind, locale);
  const document = version === undefined ? current : await selectVersion(db, { kind, locale: current.locale, version });
  if (document === undefined) {
    throw notFound('document_not_found', 'There is no such version of this text.');
  }
  await sendPage(res, 'legal/views/document', {
    ...document,
    isCurrent: document.id === current.id,
    lang: document.locale,
    publishedAt: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(document.publishedAt),
    bodyHtml: markdownIt.render(await selectMarkdown(db, document.id)),
  });
}

export function legalRoutes(deps: { readonly db: Db; readonly clock: Clock }): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/legal-documents',
      access: 'system:read',
      summary: 'Every version of the terms and the privacy notice, newest first',
      handle: async () => ({ documents: await selectAllDocuments(deps.db) }),
    }),
    apiRoute({
      method: 'post',
      path: '/legal-documents',
      access: 'system:write',
      summary: 'Publish a new version of the terms or the privacy notice',
      body: z.strictObject({
        kind: z.enum(LEGAL_KINDS),
        locale,
        title: z.string().trim().min(1).max(120),
        markdown: z.string().trim().min(1).max(200_000),
      }),
      status: 201,
      handle: async ({ body, actor }): Promise<LegalDocument> => {
        if (actor === undefined) {
          throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
        }
        return publishDocument(deps, { ...body, actor });
      },
    }),
  ];
}
