import express from 'express';
import type { Request, Response, Router } from 'express';
import { sendPage, tokenPage } from '../http/index.ts';
import { describeCadence } from '../newsletters/index.ts';
import type { FieldProblem } from '../shared/app-error.ts';
import { maskAddress } from '../shared/email-address.ts';
import { deriveToken, readToken } from '../shared/keyring.ts';
import { circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { requestSignup } from './request-signup.ts';
import { HOSTED_FORM_ID } from './signup-form.ts';
import type { SignupForm } from './signup-form.ts';
import { readSignupFields, validateSignup } from './signup-input.ts';
import type { SignupFields } from './signup-input.ts';
import { findRequest } from './signups.repository.ts';

const BODY_LIMIT = '32kb';
/** For how long the page after the form knows whom it is about. */
const STATUS_MS = 86_400_000;

/** `GET /`, `POST /subscribe` and the page after it. */
export function signupPages(deps: PageDeps): Router {
  const router = express.Router();
  router.get('/', async (_req, res) => {
    await sendForm(deps, res, { fields: readSignupFields({}), problems: [], status: 200 });
  });
  router.post(
    '/subscribe',
    express.urlencoded({ extended: false, limit: BODY_LIMIT, parameterLimit: 100 }),
    (req, res) => subscribe(deps, req, res),
  );
  router.get('/subscribe', (_req, res) => res.redirect(303, '/'));
  router.get('/check-your-mail/:token', tokenPage, (req, res) => sendCheckYourMail(deps, req, res));
  return router;
}

async function subscribe(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const form = await deps.signupForms.current();
  const fields = readSignupFields(req.body);
  if (form.closed !== undefined) {
    await sendForm(deps, res, { fields, problems: [], status: 503 });
    return;
  }
  const validated = validateSignup(form, {
    email: fields.email,
    name: fields.name,
    newsletters: fields.newsletters,
    hasAcceptedTerms: fields.terms !== undefined,
    locale: undefined,
    timeZone: undefined,
  });
  const problems = [...(validated.ok ? [] : validated.problems), ...outdatedForm(fields, form)];
  if (!validated.ok || problems.length > 0) {
    await sendForm(deps, res, { fields, problems, status: 422 });
    return;
  }
  const id = await requestSignup(deps, validated.signup, {
    form,
    isOwnForm: true,
    formId: HOSTED_FORM_ID,
    method: form.newsletters.length === 1 ? 'button' : 'unticked-box',
    pageUrl: `${deps.config.publicUrl}/`,
    ...circumstancesOf(req),
  });
  // A redirect, so that reloading or going back does not sign up again.
  res.redirect(303, `/check-your-mail/${deriveToken(deps.keyring, 'signup-status', id)}`);
}

/** A page that lay open while a text changed showed another wording than the one that would be recorded (R27). */
function outdatedForm(fields: SignupFields, form: SignupForm): readonly FieldProblem[] {
  return fields.formVersion === undefined || fields.formVersion === form.version
    ? []
    : [
        {
          field: 'formToken',
          code: 'form_changed',
          message: 'The text of this page has changed since you opened it. Please read it again, then subscribe.',
        },
      ];
}

async function sendForm(
  deps: PageDeps,
  res: Response,
  page: { readonly fields: SignupFields; readonly problems: readonly FieldProblem[]; readonly status: number },
): Promise<void> {
  const form = await deps.signupForms.current();
  const { documents, closed } = form;
  res.set('Cache-Control', 'no-store');
  await sendPage(
    res,
    'subscriptions/views/signup',
    {
      newsletters: form.newsletters.map((newsletter) => ({
        slug: newsletter.slug,
        name: newsletter.name,
        description: newsletter.description,
        cadenceText: describeCadence(newsletter.cron, newsletter.timeZone, 'en'),
        checked: page.fields.newsletters.includes(newsletter.slug),
      })),
      single: form.newsletters.length === 1,
      values: { email: page.fields.email, name: page.fields.name },
      errors: page.problems,
      texts: { consent: Object.fromEntries(form.consentTexts), terms: form.termsText, privacy: form.privacyText },
      formToken: deriveToken(deps.keyring, 'form-token', Math.floor(deps.clock.now().getTime() / 1000)),
      formVersion: form.version,
      action: '/subscribe',
      termsUrl: documents.terms.url,
      privacyUrl: documents.privacy.url,
      ...(closed === undefined ? {} : { closed: { reason: closed.message } }),
    },
    page.status,
  );
}

async function sendCheckYourMail(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const id = readToken(deps.keyring, 'signup-status', String(req.params['token']));
  const request = id === undefined ? undefined : await findRequest(deps.db, id);
  const isRecent = request !== undefined && deps.clock.now().getTime() - request.requestedAt.getTime() < STATUS_MS;
  const isInbox = deps.config.smtpUrl === undefined;
  const shown = isRecent
    ? {
        maskedAddress: maskAddress(request.address),
        ...(isInbox ? { inboxUrl: `/inbox/latest?to=${encodeURIComponent(request.address)}` } : {}),
      }
    : {};
  await sendPage(res, 'subscriptions/views/check-your-mail', shown);
}
