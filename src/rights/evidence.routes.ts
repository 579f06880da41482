import express from 'express';
import type { Request, Response, Router } from 'express';
import { localeOf, refuseCrossSite, sendPage, tokenPage } from '../http/index.ts';
import { translatorFor } from '../i18n/index.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError, notFound } from '../shared/app-error.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import { collectEvidence } from './collect-evidence.ts';
import type { EvidenceDeps, Subject } from './collect-evidence.ts';
import { presentEvidence } from './present-evidence.ts';
import { EVIDENCE_VIEW } from './render-evidence.ts';

const FIND_VIEW = 'rights/views/find-evidence';

interface EvidencePageDeps extends EvidenceDeps {
  readonly authenticate: (req: Request) => Promise<Actor | undefined>;
}

/**
 * The printable page for an admin: by id, also of somebody who was erased, or by an address, which travels in a body and never in
 * a URL. Mount it before the admin app.
 */
export function evidencePages(deps: EvidencePageDeps): Router {
  const router = express.Router();
  router.get('/admin/evidence', tokenPage, async (req, res) => {
    await requireAdmin(deps, req);
    await sendPage(res, FIND_VIEW, {});
  });
  router.post('/admin/evidence', tokenPage, express.urlencoded({ extended: false, limit: '4kb' }), async (req, res) => {
    refuseCrossSite(req, deps.config.publicUrl);
    await findByAddress(deps, req, res, await requireAdmin(deps, req));
  });
  router.get('/admin/evidence/:id', tokenPage, async (req, res) => {
    const actor = await requireAdmin(deps, req);
    const id = Number(req.params['id']);
    if (!Number.isSafeInteger(id) || id < 1) {
      throw notFound('subscriber_not_found', 'There is no such subscriber.');
    }
    await sendEvidence(deps, res, { kind: 'subscriber', id: id as SubscriberId }, actor);
  });
  return router;
}

async function requireAdmin(deps: EvidencePageDeps, req: Request): Promise<Actor> {
  const actor = await deps.authenticate(req);
  if (actor?.kind !== 'admin') {
    throw new AppError('unauthenticated', 'not_signed_in', 'Sign in first.');
  }
  return actor;
}

async function findByAddress(deps: EvidencePageDeps, req: Request, res: Response, actor: Actor): Promise<void> {
  const { email } = (req.body ?? {}) as { email?: unknown };
  const typed = typeof email === 'string' ? email : '';
  const address = parseEmailAddress(typed);
  const refuse = (key: string, status: number): Promise<void> =>
    sendPage(res, FIND_VIEW, { email: typed, problem: translatorFor(localeOf(res))(key) }, status);
  if (address === undefined) {
    await refuse('evidence.find-invalid', 422);
    return;
  }
  try {
    await sendEvidence(deps, res, { kind: 'address', address }, actor);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'evidence_not_found') {
      throw error;
    }
    await refuse('evidence.find-nothing', 404);
  }
}

async function sendEvidence(deps: EvidencePageDeps, res: Response, subject: Subject, actor: Actor): Promise<void> {
  const evidence = await collectEvidence(deps, subject, actor);
  const newest = evidence.person.subscriberIds.at(-1);
  await sendPage(res, EVIDENCE_VIEW, {
    ...presentEvidence(evidence, localeOf(res)),
    ...(newest === undefined ? {} : { jsonUrl: `/api/v1/subscribers/${newest}/evidence` }),
  });
}
