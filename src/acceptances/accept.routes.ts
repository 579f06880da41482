import express from 'express';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { chooseLocale, sendPage, tokenPage } from '../http/index.ts';
import { formatDay } from '../i18n/index.ts';
import type { LegalDocument } from '../legal/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import { circumstancesOf } from '../subscriptions/index.ts';
import { acceptTerms, inspectAcceptance, wordAcceptance } from './accept-terms.ts';
import type { AcceptanceDeps, AcceptanceOutcome } from './accept-terms.ts';

const VIEW = 'acceptances/views/accept';
const urlencoded = express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 10 });
const bodySchema = z.object({
  /** The version and the language that the page showed. */
  document: z.coerce.number().int().positive().catch(0),
  locale: z.string().max(35).optional().catch(undefined),
  accept: z.literal('true').optional().catch(undefined),
});

/** The link in an issue that asks for a new acceptance. GET shows box and button; only the POST with the box ticked records. */
export function acceptPages(deps: AcceptanceDeps): Router {
  const router = express.Router();
  router
    .route('/accept/:token')
    .all(tokenPage)
    .get(async (req, res) => sendOutcome(req, res, await inspectAcceptance(deps, tokenOf(req))))
    .post(urlencoded, (req, res) => accept(deps, req, res));
  return router;
}

function tokenOf(req: Request): string {
  return String(req.params['token']);
}

async function accept(deps: AcceptanceDeps, req: Request, res: Response): Promise<void> {
  const body = bodySchema.parse(req.body ?? {});
  const locale = chooseLocale(req, body.locale ?? null);
  if (body.accept === undefined) {
    await sendOutcome(req, res, await inspectAcceptance(deps, tokenOf(req)), { locale, isBoxMissing: true });
    return;
  }
  const shown = { documentId: body.document, locale };
  const outcome = await acceptTerms(deps, tokenOf(req), shown, circumstancesOf(req));
  await sendOutcome(req, res, outcome, { locale, isBoxMissing: false });
}

async function sendOutcome(
  req: Request,
  res: Response,
  outcome: AcceptanceOutcome,
  posted?: { readonly locale: string; readonly isBoxMissing: boolean },
): Promise<void> {
  switch (outcome.kind) {
    case 'invalid':
      await sendPage(res, VIEW, { state: 'invalid' }, 404);
      return;
    case 'asked':
    case 'outdated': {
      const locale = posted?.locale ?? chooseLocale(req, outcome.ask.termsLocale);
      const problem = outcome.kind === 'outdated' ? 'outdated' : posted?.isBoxMissing === true ? 'box-missing' : null;
      const status = { outdated: 409, 'box-missing': 422, none: 200 }[problem ?? 'none'];
      await sendPage(res, VIEW, { ...describeQuestion(outcome, locale), problem }, status);
      return;
    }
    case 'accepted': {
      const { document, acceptedAt } = outcome.acceptance;
      const locale = posted?.locale ?? chooseLocale(req, outcome.ask.termsLocale);
      await sendPage(res, VIEW, { state: 'accepted', ...describe(document, acceptedAt, locale) });
      return;
    }
    case 'recorded': {
      const { document } = outcome;
      const locale = posted?.locale ?? chooseLocale(req, document.locale);
      await sendPage(res, VIEW, { state: 'recorded', ...describe(document, document.publishedAt, locale) });
      return;
    }
    default:
      outcome satisfies never;
  }
}

function describeQuestion(
  { ask, document }: Extract<AcceptanceOutcome, { kind: 'asked' | 'outdated' }>,
  locale: string,
): Readonly<Record<string, unknown>> {
  return {
    state: 'asked',
    maskedAddress: maskAddress(ask.address),
    documentId: document.id,
    agreeText: wordAcceptance(document, locale),
    ...describe(document, document.publishedAt, locale),
  };
}

function describe(document: LegalDocument, date: Date, locale: string): Readonly<Record<string, unknown>> {
  return {
    locale,
    documentTitle: document.title,
    documentLocale: document.locale,
    version: document.version,
    url: document.url,
    date: formatDay(locale, date),
  };
}
