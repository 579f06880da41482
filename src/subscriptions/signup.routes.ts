import express from 'express';
import type { Request, Response, Router } from 'express';
import { chooseLocale, sendPage } from '../http/index.ts';
import type { FieldProblem } from '../shared/app-error.ts';
import { readFormToken } from '../signup-guard/index.ts';
import { deriveToken } from '../shared/keyring.ts';
import { attemptOf, circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { requestSignup } from './request-signup.ts';
import { describeSignupForm, emptyForm } from './describe-signup-form.ts';
import type { FilledForm } from './describe-signup-form.ts';
import { findPostedForm, HOSTED_FORM_ID, methodOf } from './signup-form.ts';
import type { SignupForm } from './signup-form.ts';
import { findDomainProblems, readSignupFields, validateSignup } from './signup-input.ts';
import type { SignupFields } from './signup-input.ts';

const BODY_LIMIT = '32kb';

/** `GET /` and `POST /subscribe`. */
export function signupPages(deps: PageDeps): Router {
  const router = express.Router();
  router.get('/', async (req, res) => {
    await sendForm(deps, res, emptyForm(await deps.signupForms.current(chooseLocale(req)), HOSTED_FORM_ID), 200);
  });
  router.post(
    '/subscribe',
    express.urlencoded({ extended: false, limit: BODY_LIMIT, parameterLimit: 100 }),
    (req, res) => subscribe(deps, req, res),
  );
  router.get('/subscribe', (req, res) =>
    res.redirect(303, req.query['lang'] === undefined ? '/' : `/?lang=${chooseLocale(req)}`),
  );
  return router;
}

async function subscribe(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const fields = readSignupFields(req.body);
  const locale = chooseLocale(req, fields.locale);
  const whole = await deps.signupForms.current(locale);
  const { form, formId } = findPostedForm(whole, fields.formId, fields.newsletters);
  const filled = { form, formId, fields, problems: [] };
  if (form.closed !== undefined) {
    await sendForm(deps, res, filled, 503);
    return;
  }
  if (fields.homepage !== '') {
    deps.signupGuard.note('trap');
    // The page that a sign-up leads to, about nobody.
    redirectToMail(deps, res, deps.random.bytes(6).readUIntBE(0, 6));
    return;
  }
  const validated = validateSignup(form, {
    email: fields.email,
    name: fields.name,
    newsletters: fields.newsletters,
    hasAcceptedTerms: fields.terms !== undefined,
    locale,
    timeZone: undefined,
  });
  const problems = [...(validated.ok ? [] : validated.problems), ...outdatedForm(fields, form)];
  if (!validated.ok || problems.length > 0) {
    await sendForm(deps, res, { ...filled, problems }, 422);
    return;
  }
  if (readFormToken(deps, fields.formToken) !== 'genuine') {
    deps.signupGuard.note('form-again');
    await sendForm(deps, res, { ...filled, notice: { kind: 'again' } }, 200);
    return;
  }
  const domainProblems = await findDomainProblems(deps, validated.signup.address);
  if (domainProblems.length > 0) {
    await sendForm(deps, res, { ...filled, problems: domainProblems }, 422);
    return;
  }
  const outcome = await requestSignup(deps, validated.signup, {
    form,
    // A form that does not say which wording it showed has shown one that we do not know.
    isOwnForm: fields.formVersion === form.version,
    formId,
    method: methodOf(form),
    pageUrl: `${deps.config.publicUrl}/${formId === 'page' ? `newsletters/${form.newsletters[0]?.slug ?? ''}` : ''}`,
    ...circumstancesOf(req),
    attempt: attemptOf(req, fields.altcha, true),
  });
  if (outcome.kind === 'recorded') {
    redirectToMail(deps, res, outcome.id);
    return;
  }
  const retryAfterSeconds = outcome.kind === 'limited' ? outcome.retryAfterSeconds : 60;
  res.set('Retry-After', String(retryAfterSeconds));
  const minutes = Math.ceil(retryAfterSeconds / 60);
  await sendForm(deps, res, { ...filled, notice: { kind: 'limited', minutes } }, 429);
}

/** A redirect, so that reloading or going back does not sign up again. */
function redirectToMail(deps: PageDeps, res: Response, requestId: number): void {
  res.redirect(303, `/check-your-mail/${deriveToken(deps.keyring, 'signup-status', requestId)}`);
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

async function sendForm(deps: PageDeps, res: Response, filled: FilledForm, status: number): Promise<void> {
  res.set('Cache-Control', 'no-store');
  await sendPage(res, 'subscriptions/views/signup', describeSignupForm(deps, filled), status);
}
