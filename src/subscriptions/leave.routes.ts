import express from 'express';
import type { NextFunction, Request, Response, Router } from 'express';
import { z } from 'zod';
import { sendPage, tokenPage } from '../http/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import { deriveToken } from '../shared/keyring.ts';
import {
  endSubscriptions,
  giveReason,
  inspectPreferences,
  inspectUnsubscribe,
  leaveNewsletter,
  listRejoinable,
  REJOIN_MINUTES,
  rejoinNewsletter,
  rejoinText,
  UNSUBSCRIBE_REASONS,
} from './leave-newsletter.ts';
import type { UnsubscribeReason } from './leave-newsletter.ts';
import { circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { listSubscriptionsOf } from './subscriptions.repository.ts';
import type { SubscriptionRow } from './subscriptions.repository.ts';

const REASON_LABELS: Readonly<Record<UnsubscribeReason, string>> = {
  'too-often': 'It comes too often',
  'not-relevant': 'It is not what I was looking for',
  'never-signed-up': 'I never signed up',
  other: 'Something else',
};

const urlencoded = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 20 });
const reasonSchema = z.object({
  reason: z.enum(UNSUBSCRIBE_REASONS),
  comment: z.string().trim().max(1000).optional(),
});
const preferenceSchema = z.object({
  newsletterId: z.coerce.number().int().positive().optional(),
  scope: z.literal('all').optional(),
});

/** Leaving: one click from the mail program, the page with a button, and the preference page, which can only reduce. */
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
    await giveReason(deps, tokenOf(req), { reason, comment: comment === undefined || comment === '' ? null : comment });
    await sendPage(res, 'subscriptions/views/reason-thanks', {});
  });
  router.post('/rejoin/:token', tokenPage, async (req, res) => {
    const outcome = await rejoinNewsletter(deps, tokenOf(req), circumstancesOf(req));
    if (outcome.kind === 'rejoined') {
      await sendPage(res, 'subscriptions/views/rejoined', {
        newsletterName: outcome.subscription.newsletterName,
      });
    } else {
      await sendPage(res, 'subscriptions/views/confirm-expired', { isRejoin: true }, 410);
    }
  });
  router
    .route('/preferences/:token')
    .all(tokenPage)
    .get((req, res) => sendPreferences(deps, req, res, undefined))
    .post(urlencoded, (req, res) => reduce(deps, req, res));
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
    newsletterName: subscription?.newsletterName ?? 'this newsletter',
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
  const subscription = await leaveNewsletter(deps, tokenOf(req), scope, {
    ...circumstancesOf(req),
    method: isOneClick ? 'one-click' : 'button',
  });
  await sendLeft(deps, res, { subscription, isAll: scope === 'all', reasonToken: tokenOf(req) });
}

/** After leaving, by whatever page: what ended, ten minutes to take it back, and a question that nobody has to answer. */
async function sendLeft(
  deps: PageDeps,
  res: Response,
  left: {
    readonly subscription: SubscriptionRow | undefined;
    readonly isAll: boolean;
    readonly reasonToken: string;
  },
): Promise<void> {
  const { subscription } = left;
  const name = subscription?.newsletterName ?? 'this newsletter';
  const rejoinable = subscription === undefined ? [] : await listRejoinable(deps, subscription);
  await sendPage(res, 'subscriptions/views/unsubscribed', {
    newsletterName: left.isAll ? 'all newsletters' : name,
    reasons: UNSUBSCRIBE_REASONS.map((value) => ({ value, label: REASON_LABELS[value] })),
    reasonForm: { token: left.reasonToken },
    rejoin: {
      token: deriveToken(deps.keyring, 'rejoin', subscription?.id ?? 0),
      minutesLeft: REJOIN_MINUTES,
      consentText: rejoinText(rejoinable.length === 0 ? [name] : rejoinable),
    },
  });
}

async function sendPreferences(deps: PageDeps, req: Request, res: Response, notice: string | undefined): Promise<void> {
  const subscriptions = await inspectPreferences(deps, tokenOf(req));
  const [first] = subscriptions;
  if (first === undefined) {
    await sendPage(res, 'subscriptions/views/link-invalid', {}, 404);
    return;
  }
  await sendPage(res, 'subscriptions/views/preferences', {
    token: tokenOf(req),
    notice,
    maskedAddress: maskAddress(first.address),
    subscriptions: subscriptions.map((one) => ({
      name: one.newsletterName,
      newsletterId: one.newsletterId,
      active: one.status === 'active',
    })),
  });
}

async function reduce(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const { newsletterId, scope } = preferenceSchema.parse(req.body ?? {});
  const all = await inspectPreferences(deps, tokenOf(req));
  const ended = all.find((one) => (scope === 'all' ? one.status === 'active' : one.newsletterId === newsletterId));
  if (ended === undefined) {
    await sendPreferences(deps, req, res, undefined);
    return;
  }
  await endSubscriptions(deps, ended, scope === 'all' ? null : ended.newsletterId, {
    ...circumstancesOf(req),
    method: 'button',
    actor: 'subscriber',
  });
  const reasonToken = deriveToken(deps.keyring, 'unsubscribe', ended.id);
  await sendLeft(deps, res, { subscription: ended, isAll: scope === 'all', reasonToken });
}
