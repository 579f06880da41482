import express from 'express';
import type { Request, Response, Router } from 'express';
import { chooseLocale, readCookie, refuseCrossSite, sendPage, tokenPage } from '../http/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import { deriveToken } from '../shared/keyring.ts';
import type { PageDeps } from '../subscriptions/index.ts';
import { beginVisit, inspectLink } from './visit.ts';
import type { LinkState } from './visit.ts';
import { visitCookie } from './visit-cookie.ts';

const urlencoded = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 20 });

/** The mailed link: GET shows a page with a button; only its POST uses the link up (R35, R36). */
export function linkPages(deps: PageDeps): Router {
  const router = express.Router();
  router
    .route('/my/open/:token')
    .all(tokenPage)
    .get(async (req, res) => sendLinkPage(deps, req, res, await inspectLink(deps, tokenOf(req))))
    .post(urlencoded, (req, res) => openVisit(deps, req, res));
  return router;
}

function tokenOf(req: Request): string {
  return String(req.params['token']);
}

/** Scanners that run scripts submit forms too, but press no button: then its name is missing, and the link stays fresh. */
function isPressed(req: Request): boolean {
  return (req.body as Record<string, unknown> | undefined)?.['open'] === 'yes';
}

async function openVisit(deps: PageDeps, req: Request, res: Response): Promise<void> {
  refuseForeignVisit(deps, req);
  const cookie = visitCookie(deps.config.publicUrl);
  if (!isPressed(req)) {
    await sendLinkPage(deps, req, res, await inspectLink(deps, tokenOf(req)));
    return;
  }
  const outcome = await beginVisit(deps, tokenOf(req), readCookie(req.headers.cookie, cookie.name));
  switch (outcome.kind) {
    case 'begun':
      res.cookie(cookie.name, outcome.secret, cookie.options).redirect(303, myPath(req));
      return;
    case 'going-on':
      res.redirect(303, myPath(req));
      return;
    case 'fresh':
    case 'over':
    case 'invalid':
      await sendLinkPage(deps, req, res, outcome);
      return;
    default:
      outcome satisfies never;
  }
}

/** A foreign page must not open somebody else's visit in this browser, for its reader to type their address into. */
function refuseForeignVisit(deps: PageDeps, req: Request): void {
  // This page sends no referrer, so its own form says `Origin: null`: only browsers that name the site can be told apart.
  if (req.get('sec-fetch-site') !== undefined) {
    refuseCrossSite(req, deps.config.publicUrl);
  }
}

function myPath(req: Request): string {
  return typeof req.query['lang'] === 'string' ? `/my?lang=${chooseLocale(req)}` : '/my';
}

async function sendLinkPage(deps: PageDeps, req: Request, res: Response, state: LinkState): Promise<void> {
  if (state.kind === 'invalid') {
    await sendPage(res, 'subscriptions/views/link-invalid', {}, 404);
    return;
  }
  const { link, kind } = state;
  await sendPage(
    res,
    'preferences/views/open',
    {
      locale: chooseLocale(req, link.locale),
      isOver: kind === 'over',
      maskedAddress: maskAddress(link.address),
      preferencesUrl: `/preferences/${deriveToken(deps.keyring, 'preferences', link.subscriberId)}`,
    },
    kind === 'over' ? 410 : 200,
  );
}

/** After a link was asked for, whatever becomes of it. A typed address is shown as it was typed. */
export async function sendLinkSent(
  deps: Pick<PageDeps, 'config'>,
  req: Request,
  res: Response,
  sent: { readonly address: string; readonly isKnown: boolean; readonly locale: string | null },
): Promise<void> {
  const isInbox = deps.config.smtpUrl === undefined;
  await sendPage(res, 'preferences/views/link-sent', {
    locale: chooseLocale(req, sent.locale),
    isKnown: sent.isKnown,
    address: sent.isKnown ? maskAddress(sent.address) : sent.address,
    ...(isInbox ? { inboxUrl: `/inbox/latest?to=${encodeURIComponent(sent.address)}` } : {}),
  });
}
