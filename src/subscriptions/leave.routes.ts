import express from 'express';
import type { NextFunction, Request, Response, Router } from 'express';
import { z } from 'zod';
import { chooseLocale, sendPage, tokenPage } from '../http/index.ts';
import { findLocale, translatorFor } from '../i18n/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import type { SubscriptionId } from '../shared/ids.ts';
import { deriveMomentToken, deriveToken } from '../shared/keyring.ts';
import {
  giveReason,
  inspectUnsubscribe,
  leaveNewsletter,
  listRejoinable,
  REJOIN_MINUTES,
  rejoinNewsletter,
  rejoinText,
  UNSUBSCRIBE_REASONS,
} from './leave-newsletter.ts';
import { circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { findSubscription, listSubscriptionsOf } from './subscriptions.repository.ts';
import type { SubscriptionRow } from './subscriptions.repository.ts';

const urlencoded = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 20 });
const reasonSchema = z.object({
  reason: z.enum(UNSUBSCRIBE_REASONS),
  comment: z.string().trim().max(1000).optional(),
});
const rejoinSchema = z.object({ locale: z.string().max(35).optional().catch(undefined) });

/** Leaving: one click from the mail program, and the page with a button. */
export function leavePages(deps: PageDeps): Router {
  const router = express.Router();
  router.use('/unsubscribe', mendToken);
  router
    .route('/unsubscribe/:token')
    .all(tokenPage)
    .get((req, res) => sendLeavePage(deps, req, res))
    .post(readBodyIfPossible, (req, res) => leave(deps, req, res));
  router.post('/unsubscribe/:token/reason', tokenPage, urlencoded, async (req, res) => {
    const { reason, comment } = reasonSchema.parse(req.body ?? {});
    const subscription = await giveReason(deps, tokenOf(req), {
      reason,
      comment: comment === undefined || comment === '' ? null : comment,
    });
    await sendPage(res, 'subscriptions/views/reason-thanks', { locale: chooseLocale(req, subscription?.locale) });
  });
  router.post('/rejoin/:token', tokenPage, urlencoded, async (req, res) => {
    // The page names the language it was in, so that no other wording is recorded.
    const locale = findLocale(rejoinSchema.parse(req.body ?? {}).locale ?? '') ?? chooseLocale(req);
    const outcome = await rejoinNewsletter(deps, tokenOf(req), locale, circumstancesOf(req));
    if (outcome.kind === 'rejoined') {
      await sendPage(res, 'subscriptions/views/rejoined', {
        locale,
        newsletterName: outcome.subscription.newsletterName,
      });
    } else {
      await sendPage(res, 'subscriptions/views/confirm-expired', { locale, isRejoin: true }, 410);
    }
  });
  return router;
}

/** Express refuses a broken escape before it asks a route; to us it is one more token that nobody made. */
function mendToken(req: Request, _res: Response, next: NextFunction): void {
  try {
    decodeURIComponent(req.path);
  } catch {
    req.url = '/broken';
  }
  next();
}

/** The body only tells how somebody left; one that cannot be read does not keep them (R2). */
function readBodyIfPossible(req: Request, res: Response, next: NextFunction): void {
  urlencoded(req, res, () => next());
}

function tokenOf(req: Request): string {
  return String(req.params['token']);
}

/** The same page whatever the token: an unknown one is no oracle (R2). */
async function sendLeavePage(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const subscription = await inspectUnsubscribe(deps, tokenOf(req));
  const all = subscription === undefined ? [] : await listSubscriptionsOf(deps.db, subscription.subscriberId);
  await sendPage(res, 'subscriptions/views/unsubscribe', {
    locale: chooseLocale(req, subscription?.locale),
    newsletterName: subscription?.newsletterName,
    ...(subscription === undefined ? {} : { maskedAddress: maskAddress(subscription.address) }),
    scopeAllPossible: all.filter((one) => one.status !== 'unsubscribed').length > 1,
  });
}

/**
 * RFC 8058: the mailbox provider posts `List-Unsubscribe=One-Click`, as multipart or urlencoded, with no cookie; the token is
 * taken from the path alone. Always 200 and never a redirect; a 5xx only when it could not be stored, so that they try again.
 */
async function leave(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const isOneClick =
    req.is('multipart/form-data') !== false ||
    (req.body as Record<string, unknown> | undefined)?.['List-Unsubscribe'] !== undefined;
  const scope = req.query['scope'] === 'all' ? 'all' : 'one';
  const leaving = await leaveNewsletter(deps, tokenOf(req), scope, {
    ...circumstancesOf(req),
    method: isOneClick ? 'one-click' : 'button',
    page: isOneClick
      ? null
      : { localeFor: (known) => chooseLocale(req, known), url: `${deps.config.publicUrl}/unsubscribe` },
  });
  await sendLeft(deps, req, res, { ...leaving, isAll: scope === 'all', reasonToken: tokenOf(req) });
}

/** After leaving, by whatever page: what ended, ten minutes to take it back, and a question that nobody has to answer. */
async function sendLeft(
  deps: PageDeps,
  req: Request,
  res: Response,
  left: {
    readonly subscription: SubscriptionRow | undefined;
    readonly hasEnded: boolean;
    readonly isAll: boolean;
    readonly reasonToken: string;
  },
): Promise<void> {
  const { subscription, hasEnded } = left;
  const locale = chooseLocale(req, subscription?.locale);
  const text = translatorFor(locale);
  const name = subscription?.newsletterName ?? text('leave.this_newsletter');
  const rejoinable = subscription === undefined ? [] : await listRejoinable(deps, subscription);
  await sendPage(res, 'subscriptions/views/unsubscribed', {
    locale,
    newsletterName: left.isAll ? text('leave.all_newsletters') : name,
    reasons: UNSUBSCRIBE_REASONS.map((value) => ({ value, label: text(`leave.reason-${value}`) })),
    reasonForm: { token: left.reasonToken },
    rejoin: {
      token: deriveMomentToken(deps.keyring, 'rejoin', {
        rowId: subscription?.id ?? 0,
        // Somebody else with the same mail must not take back what its owner has just left: their page is the same, and dead.
        at: (hasEnded ? subscription?.unsubscribedAt : null) ?? deps.clock.now(),
      }),
      minutesLeft: REJOIN_MINUTES,
      consentText: rejoinText(rejoinable.length === 0 ? [name] : rejoinable, locale),
    },
  });
}

/** The same after somebody left on the preference page of a mail. */
export async function sendLeftPage(
  deps: PageDeps,
  req: Request,
  res: Response,
  left: { readonly subscriptionId: SubscriptionId; readonly isAll: boolean },
): Promise<void> {
  const subscription = await findSubscription(deps.db, left.subscriptionId);
  const reasonToken = deriveToken(deps.keyring, 'unsubscribe', left.subscriptionId);
  await sendLeft(deps, req, res, { subscription, hasEnded: true, isAll: left.isAll, reasonToken });
}
