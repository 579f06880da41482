import express from 'express';
import type { Router } from 'express';
import { maskAddress } from '../shared/email-address.ts';
import { sendPage, tokenPage } from '../http/index.ts';
import type { AccountsDeps } from './account.ts';
import { readVerification, verifyAdmin } from './verify-admin.ts';
import type { Verification } from './verify-admin.ts';

const VIEW = 'accounts/views/verify-admin';

/** `/admin/verify/:token`: a page with a button; only the POST changes anything. Mount before the admin app. */
export function verificationRoutes(deps: Pick<AccountsDeps, 'db' | 'clock' | 'keyring'>): Router {
  const router = express.Router();
  router.get('/admin/verify/:token', tokenPage, async (req, res) => {
    const token = String(req.params['token']);
    const found = await readVerification(deps, token);
    await sendPage(res, VIEW, present(token, found), found === undefined ? 404 : 200);
  });
  router.post('/admin/verify/:token', tokenPage, async (req, res) => {
    const token = String(req.params['token']);
    const found = await verifyAdmin(deps, token);
    await sendPage(res, VIEW, present(token, found), found === undefined ? 404 : 200);
  });
  return router;
}

/** The address is masked: a forwarded mail opens this page too (S22). */
function present(token: string, found: Verification | undefined): Readonly<Record<string, unknown>> {
  return found === undefined
    ? { state: 'invalid' }
    : { state: found.isVerified ? 'verified' : 'open', token, address: maskAddress(found.address) };
}
