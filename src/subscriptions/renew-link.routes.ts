import express from 'express';
import type { Request, Response, Router } from 'express';
import { chooseLocale, describeFieldProblems, sendPage, tokenPage } from '../http/index.ts';
import { describeCadence } from '../newsletters/index.ts';
import type { FieldProblem } from '../shared/app-error.ts';
import { maskAddress } from '../shared/email-address.ts';
import { deriveToken } from '../shared/keyring.ts';
import { inspectConfirmation } from './confirm-signup.ts';
import { attemptOf, circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { requestSignup } from './request-signup.ts';
import { formForOne, methodOf } from './signup-form.ts';
import type { SignupForm } from './signup-form.ts';
import { readSignupFields, validateSignup } from './signup-input.ts';
import type { SignupFields } from './signup-input.ts';
import type { SignupRequestState } from './signups.repository.ts';

const FORM_ID = 'expired-link';

/**
 * A new link for one that is over: the same newsletters, nothing to type, and the wordings once more, since what is recorded has to
 * be what was read (R27). It is a sign-up like any other, with its limits.
 */
export function renewLinkPages(deps: PageDeps): Router {
  const router = express.Router();
  router.post(
    '/confirm/:token/again',
    tokenPage,
    express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 100 }),
    (req, res) => renewLink(deps, req, res),
  );
  return router;
}

interface ExpiredPage {
  readonly request: SignupRequestState;
  readonly token: string;
  readonly locale: string;
  readonly status: number;
  readonly problems?: readonly FieldProblem[];
  readonly checked?: readonly string[];
  readonly isLimited?: boolean;
}

async function renewLink(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const token = String(req.params['token']);
  const outcome = await inspectConfirmation(deps, token);
  if (outcome.kind !== 'expired') {
    // It was confirmed meanwhile, or nobody made it: the page itself says so.
    res.redirect(303, `/confirm/${encodeURIComponent(token)}`);
    return;
  }
  const { request } = outcome;
  const fields = readSignupFields(req.body);
  const locale = chooseLocale(req, fields.locale ?? request.locale);
  const form = await findForm(deps, request, locale);
  const page = { request, token, locale, checked: fields.newsletters };
  const validated = validateSignup(form, wishOf(request, fields, locale));
  const problems = [...(validated.ok ? [] : validated.problems), ...outdated(fields, form)];
  if (!validated.ok || problems.length > 0 || form.closed !== undefined) {
    await sendExpiredPage(deps, res, { ...page, problems, status: 422 });
    return;
  }
  // What the person entered the first time comes along; it becomes theirs by the confirmation, as before.
  const { name, timeZone } = request;
  const recorded = await requestSignup(
    deps,
    { ...validated.signup, name, timeZone },
    {
      form,
      isOwnForm: true,
      formId: FORM_ID,
      method: methodOf(form),
      pageUrl: `${deps.config.publicUrl}/confirm`,
      attempt: attemptOf(req, undefined, true),
      ...circumstancesOf(req),
    },
  );
  if (recorded.kind === 'recorded') {
    res.redirect(303, `/check-your-mail/${deriveToken(deps.keyring, 'signup-status', recorded.id)}`);
    return;
  }
  if (recorded.kind === 'limited') {
    res.set('Retry-After', String(recorded.retryAfterSeconds));
  }
  await sendExpiredPage(deps, res, { ...page, isLimited: true, status: 429 });
}

function wishOf(
  request: SignupRequestState,
  fields: SignupFields,
  locale: string,
): Parameters<typeof validateSignup>[1] {
  return {
    email: request.address,
    name: undefined,
    newsletters: fields.newsletters,
    hasAcceptedTerms: fields.terms !== undefined,
    locale,
    timeZone: undefined,
  };
}

/** The wordings for what this request was about and can still be had. */
async function findForm(deps: PageDeps, request: SignupRequestState, locale: string): Promise<SignupForm> {
  const whole = await deps.signupForms.current(locale);
  const newsletters = whole.newsletters.filter(({ id }) => request.newsletterIds.includes(id));
  const [only] = newsletters.length === 1 ? newsletters : [];
  return (only === undefined ? undefined : formForOne(whole, only.slug)) ?? { ...whole, newsletters };
}

function outdated(fields: SignupFields, form: SignupForm): readonly FieldProblem[] {
  return fields.formVersion === form.version
    ? []
    : [
        {
          field: 'formToken',
          code: 'form_changed',
          message: 'The text of this page has changed since you opened it. Please read it again, then subscribe.',
        },
      ];
}

export async function sendExpiredPage(deps: PageDeps, res: Response, page: ExpiredPage): Promise<void> {
  const { request, locale } = page;
  const form = await findForm(deps, request, locale);
  const checked = page.checked ?? [];
  const renew = {
    token: page.token,
    formVersion: form.version,
    maskedAddress: maskAddress(request.address),
    isLimited: page.isLimited ?? false,
    single: form.newsletters.length === 1,
    texts: { terms: form.terms, privacy: form.privacy },
    newsletters: form.newsletters.map((newsletter) => ({
      slug: newsletter.slug,
      name: newsletter.name,
      cadenceText: describeCadence(newsletter.cron, newsletter.timeZone, locale),
      consentText: form.consentTexts.get(newsletter.slug),
      checked: checked.includes(newsletter.slug),
    })),
    errors: describeFieldProblems(locale, page.problems ?? []),
  };
  await sendPage(
    res,
    'subscriptions/views/confirm-expired',
    { locale, ...(form.newsletters.length === 0 || form.closed !== undefined ? {} : { renew }) },
    page.status,
  );
}
