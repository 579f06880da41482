import express from 'express';
import type { Request, Response, Router } from 'express';
import { chooseLocale, sendPage, tokenPage } from '../http/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import { readToken } from '../shared/keyring.ts';
import { derivePageToken, isPressed } from './page-click.ts';
import { circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { inspectRefusal, refuseSignup } from './refuse-signup.ts';

/** A page about no row: it answers like any other. */
const NO_ROW = 0;

/** "This was not me". It closes the address for good, so a scanner must not press it either (R36). */
export function refusePages(deps: PageDeps): Router {
  const router = express.Router();
  router
    .route('/not-me/:token')
    .all(tokenPage)
    .get((req, res) => sendRefusePage(deps, req, res, 200))
    .post(express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 20 }), async (req, res) => {
      const { token } = req.params;
      if (!isPressed(deps, rowOf(deps, req), req.body)) {
        await sendRefusePage(deps, req, res, 422);
        return;
      }
      const locale = chooseLocale(req, (await inspectRefusal(deps, token))?.locale);
      await refuseSignup(deps, token, circumstancesOf(req));
      await sendPage(res, 'subscriptions/views/not-me-done', { locale });
    });
  return router;
}

function rowOf(deps: PageDeps, req: Request): number {
  return readToken(deps.keyring, 'not-me', String(req.params['token'])) ?? NO_ROW;
}

async function sendRefusePage(deps: PageDeps, req: Request, res: Response, status: number): Promise<void> {
  const refusal = await inspectRefusal(deps, String(req.params['token']));
  const page = {
    locale: chooseLocale(req, refusal?.locale),
    isAgain: status !== 200,
    pageToken: derivePageToken(deps, rowOf(deps, req)),
    ...(refusal === undefined ? {} : { maskedAddress: maskAddress(refusal.address) }),
  };
  await sendPage(res, 'subscriptions/views/not-me', page, status);
}
