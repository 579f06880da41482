import express from 'express';
import type { Request, Response, Router } from 'express';
import { readConsentStory } from '../consent/index.ts';
import type { ConsentStoryEntry } from '../consent/index.ts';
import { listPublishedIssues } from '../digests/index.ts';
import { sendPage, tokenPage } from '../http/index.ts';
import { describeCadence, listNewsletters } from '../newsletters/index.ts';
import { maskAddress } from '../shared/email-address.ts';
import { deriveToken } from '../shared/keyring.ts';
import { confirmSignup, inspectConfirmation } from './confirm-signup.ts';
import type { ConfirmOutcome } from './confirm-signup.ts';
import { circumstancesOf, formatInstant } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { inspectRefusal, refuseSignup } from './refuse-signup.ts';
import type { SignupRequestState } from './signups.repository.ts';

/** The two links of the confirmation mail. GET shows a page with a button; only its POST does something (R35, R36). */
export function confirmPages(deps: PageDeps): Router {
  const router = express.Router();
  router
    .route('/confirm/:token')
    .all(tokenPage)
    .get(async (req, res) => sendOutcome(deps, res, await inspectConfirmation(deps, tokenOf(req))))
    .post(async (req, res) => sendOutcome(deps, res, await confirmSignup(deps, tokenOf(req), circumstancesOf(req))));
  router
    .route('/not-me/:token')
    .all(tokenPage)
    .get(async (req, res) => {
      const refusal = await inspectRefusal(deps, tokenOf(req));
      const shown = refusal === undefined ? {} : { maskedAddress: maskAddress(refusal.address) };
      await sendPage(res, 'subscriptions/views/not-me', shown);
    })
    .post(async (req, res) => {
      await refuseSignup(deps, tokenOf(req), circumstancesOf(req));
      await sendPage(res, 'subscriptions/views/not-me-done', {});
    });
  return router;
}

function tokenOf(req: Request): string {
  return String(req.params['token']);
}

async function sendOutcome(deps: PageDeps, res: Response, outcome: ConfirmOutcome): Promise<void> {
  switch (outcome.kind) {
    case 'invalid':
      await sendPage(res, 'subscriptions/views/link-invalid', {}, 404);
      return;
    case 'expired':
      await sendPage(res, 'subscriptions/views/confirm-expired', {}, 410);
      return;
    case 'open':
      await sendConfirmPage(deps, res, outcome.request);
      return;
    case 'confirmed':
    case 'already-confirmed':
      await sendPage(res, 'subscriptions/views/confirmed', {
        alreadyConfirmed: outcome.kind === 'already-confirmed',
        records: await describeRecords(deps, outcome.request),
        ...((await hasPastIssues(deps, outcome.request)) ? { archiveUrl: '/archive' } : {}),
        preferencesUrl: `/preferences/${deriveToken(deps.keyring, 'preferences', outcome.request.subscriberId)}`,
      });
      return;
    default:
      outcome satisfies never;
  }
}

async function hasPastIssues(deps: PageDeps, request: SignupRequestState): Promise<boolean> {
  for (const newsletterId of request.newsletterIds) {
    if ((await listPublishedIssues(deps.db, newsletterId, 1)).length > 0) {
      return true;
    }
  }
  return false;
}

async function sendConfirmPage(deps: PageDeps, res: Response, request: SignupRequestState): Promise<void> {
  const newsletters = await listNewsletters(deps.db);
  await sendPage(res, 'subscriptions/views/confirm', {
    maskedAddress: maskAddress(request.address),
    newsletters: newsletters
      .filter((newsletter) => request.newsletterIds.includes(newsletter.id))
      .map((newsletter) => ({
        name: newsletter.name,
        cadenceText: describeCadence(newsletter.cron, newsletter.timeZone, 'en'),
      })),
    expiresAt: `${request.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  });
}

/** Sign-ups through the API: what was shown is asserted by the caller, not known to us. */
const CALLERS_WORDING = 'As worded on the page you came from, which is responsible for what it said.';

/** What was recorded for this request, newsletter by newsletter: the wordings, their versions and both times. */
async function describeRecords(
  deps: PageDeps,
  request: SignupRequestState,
): Promise<readonly Record<string, unknown>[]> {
  const story = (await readConsentStory(deps.db, request.subscriberId)).filter(
    (entry) => entry.signupRequestId === request.id,
  );
  const grantOf = (asked: ConsentStoryEntry): ConsentStoryEntry | undefined =>
    story.find((entry) => entry.action === 'granted' && entry.newsletterId === asked.newsletterId);
  return story
    .filter((entry) => entry.action === 'requested')
    .map((asked) => ({
      newsletterName: asked.newsletterName,
      consentText: asked.consentText ?? CALLERS_WORDING,
      termsText: asked.termsText ?? CALLERS_WORDING,
      termsVersion: asked.termsVersion,
      privacyText: asked.privacyText ?? CALLERS_WORDING,
      privacyVersion: asked.privacyVersion,
      requestedAt: formatInstant(asked.occurredAt),
      confirmedAt: formatInstant(grantOf(asked)?.occurredAt ?? request.closedAt ?? asked.occurredAt),
    }));
}
