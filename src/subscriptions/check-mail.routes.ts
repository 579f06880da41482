import express from 'express';
import type { Request, Response, Router } from 'express';
import { chooseLocale, sendPage, tokenPage } from '../http/index.ts';
import { listNewsletters } from '../newsletters/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import { askResend, inspectSignup } from './ask-resend.ts';
import type { SignupStatus } from './ask-resend.ts';
import type { PageDeps } from './page-deps.ts';

/** The page after the form, with the button that has the mail sent again. */
export function checkMailPages(deps: PageDeps): Router {
  const router = express.Router();
  router
    .route('/check-your-mail/:token')
    .all(tokenPage)
    .get((req, res) => sendCheckYourMail(deps, req, res))
    .post(async (req, res) => {
      const { token } = req.params;
      await askResend(deps, token);
      // The same answer whatever came of it; reloading the page it leads to asks for nothing.
      const lang = typeof req.query['lang'] === 'string' ? `?lang=${chooseLocale(req)}` : '';
      res.redirect(303, `/check-your-mail/${encodeURIComponent(token)}${lang}`);
    });
  return router;
}

async function sendCheckYourMail(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const status = await inspectSignup(deps, String(req.params['token']));
  const locale = chooseLocale(req, status?.request.locale ?? null);
  await sendPage(res, 'subscriptions/views/check-your-mail', {
    locale,
    ...(status === undefined ? {} : { ...describe(deps, status), isSingle: await isSingleOptIn(deps, status.request) }),
  });
}

/** By the newsletters alone: who has been here before is asked to confirm all the same, and the page does not tell. */
async function isSingleOptIn(deps: PageDeps, { newsletterIds }: SignupStatus['request']): Promise<boolean> {
  const newsletters = await listNewsletters(deps.db);
  return newsletters.every(({ id, optIn }) => optIn === 'single' || !newsletterIds.includes(id));
}

function describe(
  deps: PageDeps,
  { request, resendAt, isAskedAgain }: SignupStatus,
): Readonly<Record<string, unknown>> {
  const waitMs = resendAt === null ? 0 : resendAt.getTime() - deps.clock.now().getTime();
  const isInbox = deps.config.smtpUrl === undefined;
  return {
    maskedAddress: maskAddress(request.address),
    ...(isInbox ? { inboxUrl: `/inbox/latest?to=${encodeURIComponent(request.address)}` } : {}),
    resend: {
      isAskedAgain,
      isUsedUp: resendAt === null,
      ...(waitMs > 0 ? { minutes: Math.ceil(waitMs / 60_000) } : {}),
    },
  };
}
