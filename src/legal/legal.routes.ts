import type { Response } from 'express';
import { apiRoute, localeOf, renderFramed } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { findLocale } from '../i18n/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { selectDrafts } from './drafts.repository.ts';
import { discardDraft, saveDraft } from './edit-draft.ts';
import { hashMarkdown, stateOf } from './legal-document.ts';
import type { LegalDocument } from './legal-document.ts';
import {
  discardQuery,
  documentParams,
  draftBody,
  draftParams,
  previewBody,
  publishBody,
  publishDraftBody,
} from './legal-input.ts';
import { selectAllDocuments, selectMarkdown, selectVersions } from './legal.repository.ts';
import { publishDocument, publishDraft } from './publish-document.ts';
import { describeDocument } from './render-document.ts';
import type { ShownDocument } from './render-document.ts';
import { withdrawDocument } from './withdraw-document.ts';

interface LegalDeps {
  readonly db: Db;
  readonly clock: Clock;
}

export function legalRoutes(deps: LegalDeps): readonly ApiRoute[] {
  return [...documentRoutes(deps), ...draftRoutes(deps), previewRoute(deps)];
}

function documentRoutes(deps: LegalDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/legal-documents',
      access: 'system:read',
      summary: 'Every version of the terms and the privacy notice, newest first',
      handle: async () => {
        const all = await selectAllDocuments(deps.db);
        return { documents: all.map((document) => present(deps, document, all)) };
      },
    }),
    apiRoute({
      method: 'get',
      path: '/legal-documents/:id',
      access: 'system:read',
      summary: 'One version with its Markdown, and its page as HTML',
      params: documentParams,
      handle: async ({ params, res }) => {
        const all = await selectAllDocuments(deps.db);
        const document = all.find(({ id }) => id === params.id);
        if (document === undefined) {
          throw notFound('document_not_found', 'There is no such version.');
        }
        const markdown = await selectMarkdown(deps.db, document.id);
        const html = await renderPage(deps, res, { ...document, markdown }, all);
        return { ...present(deps, document, all), markdown, html };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/legal-documents',
      access: 'system:write',
      summary: 'Publish a new version of the terms or the privacy notice, now or from a day to come',
      body: publishBody,
      status: 201,
      handle: async ({ body, actor }) =>
        presentAlone(deps, await publishDocument(deps, { ...body, actor: actor ?? SYSTEM_ACTOR })),
    }),
    apiRoute({
      method: 'post',
      path: '/legal-documents/:id/withdraw',
      access: 'system:write',
      summary: 'Take back a version that has not taken effect yet',
      params: documentParams,
      handle: async ({ params, actor }) =>
        presentAlone(deps, await withdrawDocument(deps, { id: params.id, actor: actor ?? SYSTEM_ACTOR })),
    }),
  ];
}

function draftRoutes(deps: LegalDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/legal-drafts',
      access: 'system:read',
      summary: 'Drafts of legal texts, at most one for each text and language',
      handle: async () => ({ drafts: await selectDrafts(deps.db) }),
    }),
    apiRoute({
      method: 'put',
      path: '/legal-drafts/:kind/:locale',
      access: 'system:write',
      summary: 'Save a draft; `revision` is the one that was read, null for a new draft',
      params: draftParams,
      body: draftBody,
      handle: ({ params, body, actor }) => saveDraft(deps, { ...params, ...body, actor: actor ?? SYSTEM_ACTOR }),
    }),
    apiRoute({
      method: 'delete',
      path: '/legal-drafts/:kind/:locale',
      access: 'system:write',
      summary: 'Delete a draft',
      params: draftParams,
      query: discardQuery,
      status: 204,
      handle: ({ params, query, actor }) => discardDraft(deps, { ...params, ...query, actor: actor ?? SYSTEM_ACTOR }),
    }),
    apiRoute({
      method: 'post',
      path: '/legal-drafts/:kind/:locale/publish',
      access: 'system:write',
      summary: 'Publish a draft as the next version, now or from a day to come',
      params: draftParams,
      body: publishDraftBody,
      status: 201,
      handle: async ({ params, body, actor }) =>
        presentAlone(deps, await publishDraft(deps, { ...params, ...body, actor: actor ?? SYSTEM_ACTOR })),
    }),
  ];
}

function previewRoute(deps: LegalDeps): ApiRoute {
  return apiRoute({
    method: 'post',
    path: '/legal-drafts/preview',
    access: 'system:read',
    summary: 'The page that a text would be; stores nothing',
    body: previewBody,
    handle: async ({ body, res }) => {
      const versions = await selectVersions(deps.db, body);
      const document = {
        ...body,
        version: (versions[0]?.version ?? 0) + 1,
        hash: hashMarkdown(body.markdown.trim()).toString('hex'),
        publishedAt: deps.clock.now(),
      };
      return { html: await renderPage(deps, res, document, versions) };
    },
  });
}

/** The public page, whole in one document. */
function renderPage(
  deps: LegalDeps,
  res: Response,
  document: ShownDocument,
  all: readonly LegalDocument[],
): Promise<string> {
  const locale = findLocale(document.locale) ?? localeOf(res);
  return renderFramed(res, 'legal/views/document', describeDocument(document, all, locale, deps.clock.now()));
}

async function presentAlone(deps: LegalDeps, document: LegalDocument) {
  return present(deps, document, await selectAllDocuments(deps.db));
}

function present(deps: LegalDeps, document: LegalDocument, all: readonly LegalDocument[]) {
  return { ...document, state: stateOf(document, all, deps.clock.now()) };
}
