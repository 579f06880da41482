import { describeFieldProblems } from '../http/index.ts';
import { translatorFor } from '../i18n/index.ts';
import { describeCadence } from '../newsletters/index.ts';
import type { FieldProblem } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import { issueFormToken, readFormToken } from '../signup-guard/index.ts';
import type { SignupGuard } from '../signup-guard/index.ts';
import type { FormId, SignupForm } from './signup-form.ts';
import { readSignupFields } from './signup-input.ts';
import type { SignupFields } from './signup-input.ts';

export interface FilledForm {
  readonly form: SignupForm;
  readonly formId: FormId;
  readonly fields: SignupFields;
  readonly problems: readonly FieldProblem[];
  /** Why the form is there again although nothing is wrong with it. */
  readonly notice?: { readonly kind: 'again' } | { readonly kind: 'limited'; readonly minutes: number };
}

interface FormDeps {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly signupGuard: Pick<SignupGuard, 'needsProof'>;
}

/** An empty form, as a page shows it first. */
export function emptyForm(form: SignupForm, formId: FormId): FilledForm {
  return { form, formId, fields: readSignupFields({}), problems: [] };
}

/** What the views `signup` and `signup-form` show, in the language of the form. */
export function describeSignupForm(
  deps: FormDeps,
  { form, formId, fields, problems, notice }: FilledForm,
): Readonly<Record<string, unknown>> {
  const { locale, closed } = form;
  return {
    locale,
    newsletters: form.newsletters.map((newsletter) => ({
      slug: newsletter.slug,
      name: newsletter.name,
      description: newsletter.description,
      cadenceText: describeCadence(newsletter.cron, newsletter.timeZone, locale),
      checked: fields.newsletters.includes(newsletter.slug),
    })),
    single: form.newsletters.length === 1,
    values: { email: fields.email, name: fields.name },
    errors: describeFieldProblems(locale, problems),
    texts: { consent: Object.fromEntries(form.consentTexts), terms: form.terms, privacy: form.privacy },
    formToken: tokenOf(deps, fields),
    hasAcceptedTerms: fields.terms !== undefined && fields.formVersion === form.version,
    needsProof: deps.signupGuard.needsProof(),
    ...(notice === undefined ? {} : { notice }),
    formId,
    formVersion: form.version,
    action: '/subscribe',
    ...(closed === undefined ? {} : { closed: { reason: translatorFor(locale)(`signup.closed_${closed.code}`) } }),
  };
}

/** A form that comes back keeps its token while that is good: whoever was too fast once must not have to wait again. */
function tokenOf(deps: FormDeps, { formToken }: SignupFields): string {
  const state = readFormToken(deps, formToken);
  return formToken !== undefined && (state === 'genuine' || state === 'young') ? formToken : issueFormToken(deps);
}
