import { apiRoute, describeFieldProblems } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { DEFAULT_LOCALE, matchLocale } from '../i18n/index.ts';
import { AppError } from '../shared/app-error.ts';
import { attemptOf, circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { requestSignup } from './request-signup.ts';
import type { SignupContext, SignupOutcome } from './request-signup.ts';
import { findShownForm, HOSTED_FORM_ID, methodOf } from './signup-form.ts';
import type { ShownForm, SignupForm } from './signup-form.ts';
import { findDomainProblems, signupBodySchema, signupProblem, validateSignup } from './signup-input.ts';

/** The public JSON endpoint: 202 and the same bytes for every state of the address. */
export function subscriptionsRoutes(deps: PageDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'post',
      path: '/subscriptions',
      access: 'public',
      crossOrigin: true,
      summary: 'Ask for subscriptions; the address has to confirm',
      body: signupBodySchema,
      status: 202,
      handle: async ({ body, req }) => {
        const form = await deps.signupForms.current(matchLocale(body.locale ?? DEFAULT_LOCALE));
        if (form.closed !== undefined) {
          throw new AppError('unavailable', form.closed.code, form.closed.message);
        }
        const validated = validateSignup(form, {
          email: body.email,
          name: body.name,
          newsletters: body.newsletters,
          hasAcceptedTerms: body.terms,
          locale: body.locale,
          timeZone: body.timezone,
        });
        if (!validated.ok) {
          throw signupProblem(describeFieldProblems(form.locale, validated.problems));
        }
        const shown = findShownForm(form, body.form, body.newsletters);
        if (shown.kind === 'outdated') {
          throw new AppError('input', 'form_changed', 'The text of this form has changed. Please read it again.');
        }
        const domainProblems = await findDomainProblems(deps, validated.signup.address);
        if (domainProblems.length > 0) {
          throw signupProblem(describeFieldProblems(form.locale, domainProblems));
        }
        const outcome = await requestSignup(deps, validated.signup, {
          ...describeShown(shown, form, body.form),
          pageUrl: withoutQuery(body.pageUrl),
          ...circumstancesOf(req),
          attempt: attemptOf(req, body.altcha, false),
        });
        await requireRecorded(deps, outcome);
        return { status: 'accepted' };
      },
    }),
  ];
}

/** What a caller can do something about: wait, or prove work. Neither depends on the address. */
async function requireRecorded(deps: PageDeps, outcome: SignupOutcome): Promise<void> {
  switch (outcome.kind) {
    case 'recorded':
      return;
    case 'limited':
      throw new AppError(
        'rate_limited',
        'too_many_signups',
        'There are too many sign-ups at the moment. Wait as long as Retry-After says, then try again.',
        {
          retryAfterSeconds: outcome.retryAfterSeconds,
        },
      );
    case 'proof-required':
      throw new AppError(
        'forbidden',
        'proof_of_work_required',
        'There are far more sign-ups than usual. Solve the challenge and send the solution as "altcha".',
        { details: { challenge: { ...(await deps.signupGuard.issueChallenge()) } } },
      );
    default:
      return outcome satisfies never;
  }
}

/** What is recorded of the words that were shown, and of how the reader agreed to them. */
function describeShown(
  shown: Exclude<ShownForm, { readonly kind: 'outdated' }>,
  whole: SignupForm,
  named: string | undefined,
): Pick<SignupContext, 'form' | 'isOwnForm' | 'formId' | 'method'> {
  if (shown.kind === 'foreign') {
    return { form: whole, isOwnForm: false, formId: named ?? null, method: 'api' };
  }
  const { form, formId } = shown;
  // Our page posts as a form; who names it here is a program that shows what the page shows.
  return { form, isOwnForm: true, formId, method: formId === HOSTED_FORM_ID ? 'api' : methodOf(form) };
}

/** Queries carry personal data and tokens; the page itself is what matters. */
function withoutQuery(pageUrl: string | undefined): string | null {
  const url = pageUrl === undefined ? null : URL.parse(pageUrl);
  return url === null ? null : `${url.origin}${url.pathname}`;
}
