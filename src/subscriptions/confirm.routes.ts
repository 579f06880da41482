import express from 'express';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { listPublishedIssues } from '../digests/index.ts';
import { chooseLocale, sendPage, tokenPage } from '../http/index.ts';
import { formatDay, formatInstant, translatorFor } from '../i18n/index.ts';
import { describeCadence, listNewsletters } from '../newsletters/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import type { NewsletterId, SignupRequestId } from '../shared/ids.ts';
import { deriveToken, readToken } from '../shared/keyring.ts';
import { confirmSignup, inspectConfirmation } from './confirm-signup.ts';
import type { ConfirmOutcome } from './confirm-signup.ts';
import { describeRecords } from './describe-records.ts';
import { grantWaiting, offerWaiting } from './grant-waiting.ts';
import type { WaitingChoice, WaitingOffer } from './grant-waiting.ts';
import { derivePageToken, isFromPage, isPressed } from './page-click.ts';
import { circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { sendExpiredPage } from './renew-link.routes.ts';
import type { SignupRequestState } from './signups.repository.ts';
import { isAddressShut } from './waiting.repository.ts';

const urlencoded = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 100 });

const moreSchema = z.object({
  token: z.string().max(60).catch(''),
  more: z.union([z.array(z.string()), z.string().transform((one) => [one])]).catch([]),
});

/**
 * The link of the confirmation mail. GET shows a page with a button; only the press of that button does something (R35, R36): a POST
 * by a script that submits the form gets the page again.
 */
export function confirmPages(deps: PageDeps): Router {
  const router = express.Router();
  router
    .route('/confirm/:token')
    .all(tokenPage)
    .get(async (req, res) => sendOutcome(deps, req, res, await inspectConfirmation(deps, tokenOf(req))))
    .post(urlencoded, (req, res) => confirm(deps, req, res));
  router.post('/confirm/:token/more', tokenPage, urlencoded, (req, res) => addWaiting(deps, req, res));
  return router;
}

function tokenOf(req: Request): string {
  return String(req.params['token']);
}

async function confirm(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const token = tokenOf(req);
  const id = readToken(deps.keyring, 'confirm', token);
  if (id === undefined || !isPressed(deps, id, req.body)) {
    await sendOutcome(deps, req, res, await inspectConfirmation(deps, token));
    return;
  }
  const outcome = await confirmSignup(deps, token, {
    ...circumstancesOf(req),
    page: isFromPage(req.body)
      ? { localeFor: (known) => chooseLocale(req, known), url: `${deps.config.publicUrl}/confirm` }
      : null,
  });
  // Offered to who pressed the button, never to a program or to who opens the link later.
  const isOffered = isFromPage(req.body) && (outcome.kind === 'confirmed' || outcome.kind === 'already-confirmed');
  await sendOutcome(deps, req, res, outcome, isOffered ? await offerWaiting(deps, outcome.request) : undefined);
}

async function sendOutcome(
  deps: PageDeps,
  req: Request,
  res: Response,
  outcome: ConfirmOutcome,
  waiting?: WaitingOffer,
): Promise<void> {
  const locale = chooseLocale(req, outcome.kind === 'invalid' ? null : outcome.request.locale);
  switch (outcome.kind) {
    case 'invalid':
      await sendPage(res, 'subscriptions/views/link-invalid', {}, 404);
      return;
    case 'expired':
      await sendExpiredPage(deps, res, { request: outcome.request, token: tokenOf(req), locale, status: 410 });
      return;
    case 'open':
      await sendConfirmPage(deps, req, res, outcome.request, locale);
      return;
    case 'confirmed':
    case 'already-confirmed':
      await sendPage(res, 'subscriptions/views/confirmed', {
        locale,
        alreadyConfirmed: outcome.kind === 'already-confirmed',
        isShut: await isAddressShut(deps.db, outcome.request.subscriberId),
        records: await describeRecords(deps, outcome.request, locale),
        ...(waiting === undefined ? {} : { waiting: describeWaiting(waiting, tokenOf(req), locale) }),
        ...((await hasPastIssues(deps, outcome.request)) ? { archiveUrl: '/archive' } : {}),
        preferencesUrl: preferencesUrl(deps, outcome.request),
      });
      return;
    default:
      outcome satisfies never;
  }
}

function preferencesUrl(deps: PageDeps, request: SignupRequestState): string {
  return `/preferences/${deriveToken(deps.keyring, 'preferences', request.subscriberId)}`;
}

async function hasPastIssues(deps: PageDeps, request: SignupRequestState): Promise<boolean> {
  for (const newsletterId of request.newsletterIds) {
    if ((await listPublishedIssues(deps.db, newsletterId, 1)).length > 0) {
      return true;
    }
  }
  return false;
}

/** Also the answer to a POST that nobody pressed: 422, and a line that asks for the press. */
async function sendConfirmPage(
  deps: PageDeps,
  req: Request,
  res: Response,
  request: SignupRequestState,
  locale: string,
): Promise<void> {
  const newsletters = await listNewsletters(deps.db);
  const isAgain = req.method === 'POST';
  const page = {
    locale,
    isAgain,
    pageToken: derivePageToken(deps, request.id),
    maskedAddress: maskAddress(request.address),
    newsletters: newsletters
      .filter((newsletter) => request.newsletterIds.includes(newsletter.id))
      .map((newsletter) => ({
        name: newsletter.name,
        cadenceText: describeCadence(newsletter.cron, newsletter.timeZone, locale),
      })),
    expiresAt: formatInstant(locale, request.expiresAt),
  };
  await sendPage(res, 'subscriptions/views/confirm', page, isAgain ? 422 : 200);
}

function describeWaiting(offer: WaitingOffer, confirmToken: string, locale: string): Readonly<Record<string, unknown>> {
  return {
    action: `/confirm/${confirmToken}/more`,
    token: offer.token,
    newsletters: offer.newsletters.map((one) => ({
      value: `${one.requestId}.${one.newsletterId}`,
      name: one.newsletterName,
      askedOn: formatDay(locale, one.requestedAt),
      consentText: one.consentText ?? translatorFor(locale)('declarations.asserted'),
    })),
  };
}

async function addWaiting(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const { token, more } = moreSchema.parse(req.body ?? {});
  const choices = more.flatMap((value) => readChoice(value));
  const outcome = await grantWaiting(
    deps,
    { confirmToken: tokenOf(req), token, choices, localeFor: (known) => chooseLocale(req, known) },
    circumstancesOf(req),
  );
  const locale = chooseLocale(req, outcome.request?.locale ?? null);
  if (outcome.kind === 'too-late') {
    await sendPage(res, 'subscriptions/views/more-added', { locale, isTooLate: true }, 410);
    return;
  }
  await sendPage(res, 'subscriptions/views/more-added', {
    locale,
    newsletterNames: outcome.newsletters.map(({ newsletterName }) => newsletterName),
    preferencesUrl: preferencesUrl(deps, outcome.request),
  });
}

function readChoice(value: string): readonly WaitingChoice[] {
  const [, requestId, newsletterId] = /^(\d{1,15})\.(\d{1,15})$/.exec(value) ?? [];
  return requestId === undefined || newsletterId === undefined
    ? []
    : [{ requestId: Number(requestId) as SignupRequestId, newsletterId: Number(newsletterId) as NewsletterId }];
}
