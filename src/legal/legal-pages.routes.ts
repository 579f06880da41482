import express from 'express';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { chooseLocale, localeOf, sendPage } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { currentDocument } from './current-documents.ts';
import { LEGAL_KINDS, documentUrl, isInEffect } from './legal-document.ts';
import type { LegalDocument, LegalKind } from './legal-document.ts';
import { languageTag, versionNumber } from './legal-input.ts';
import { selectAllDocuments, selectMarkdown } from './legal.repository.ts';
import { describeDocument } from './render-document.ts';

interface PageDeps {
  readonly db: Db;
  readonly clock: Clock;
}

const currentQuery = z.object({
  locale: languageTag.optional().catch(undefined),
  version: versionNumber.optional().catch(undefined),
});
const versionParams = z.object({ locale: languageTag, version: versionNumber });

/** The Markdown whose SHA-256 the page and every consent record name. */
const SOURCE_ENDING = '.md';

/**
 * GET /terms and /privacy: the version in effect, in the reader's language where there is one. GET /terms/en/3: exactly this
 * version, for ever; a version that is still to come is not there yet.
 */
export function legalPages(deps: PageDeps): Router {
  const router = express.Router();
  for (const kind of LEGAL_KINDS) {
    router.get(`/${kind}`, (req, res) => showCurrent(deps, kind, req, res));
    router.get(`/${kind}/:locale/:version`, (req, res) => showVersion(deps, kind, req, res));
  }
  return router;
}

async function showCurrent(deps: PageDeps, kind: LegalKind, req: Request, res: Response): Promise<void> {
  const { locale, version } = currentQuery.parse(req.query);
  const current = await currentDocument(deps, kind, locale ?? localeOf(res));
  if (version === undefined) {
    await sendDocument(deps, res, current, localeOf(res));
    return;
  }
  // How versions were addressed before they had addresses of their own.
  const named = await findInEffect(deps, { kind, locale: current.locale, version });
  res.redirect(302, named.url);
}

async function showVersion(deps: PageDeps, kind: LegalKind, req: Request, res: Response): Promise<void> {
  const isSource = String(req.params['version']).endsWith(SOURCE_ENDING);
  const params = versionParams.safeParse({
    ...req.params,
    version: String(req.params['version']).replace(SOURCE_ENDING, ''),
  });
  if (!params.success) {
    throw noSuchVersion();
  }
  const document = await findInEffect(deps, { kind, ...params.data });
  if (isSource) {
    res.type('text/markdown').send(await selectMarkdown(deps.db, document.id));
    return;
  }
  await sendDocument(deps, res, document, chooseLocale(req, document.locale));
}

async function findInEffect(
  deps: PageDeps,
  key: Pick<LegalDocument, 'kind' | 'locale' | 'version'>,
): Promise<LegalDocument> {
  const url = documentUrl(key);
  const found = (await selectAllDocuments(deps.db)).find((document) => document.url === url);
  if (found === undefined || !isInEffect(found, deps.clock.now())) {
    throw noSuchVersion();
  }
  return found;
}

async function sendDocument(deps: PageDeps, res: Response, document: LegalDocument, locale: string): Promise<void> {
  const [all, markdown] = await Promise.all([selectAllDocuments(deps.db), selectMarkdown(deps.db, document.id)]);
  const shown = describeDocument({ ...document, markdown }, all, locale, deps.clock.now());
  await sendPage(res, 'legal/views/document', shown);
}

function noSuchVersion() {
  return notFound('document_not_found', 'There is no such version of this text.');
}
