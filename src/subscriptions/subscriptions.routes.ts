import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { AppError } from '../shared/app-error.ts';
import { circumstancesOf } from './page-deps.ts';
import type { PageDeps } from './page-deps.ts';
import { requestSignup } from './request-signup.ts';
import { HOSTED_FORM_ID } from './signup-form.ts';
import { signupBodySchema, signupProblem, validateSignup } from './signup-input.ts';

/** The public JSON endpoint: 202 and the same bytes for every state of the address. */
export function subscriptionsRoutes(deps: PageDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'post',
      path: '/subscriptions',
      access: 'public',
      summary: 'Ask for subscriptions; the address has to confirm',
      body: signupBodySchema,
      status: 202,
      handle: async ({ body, req }) => {
        const form = await deps.signupForms.current();
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
          throw signupProblem(validated.problems);
        }
        const isOwnForm = body.form === `${HOSTED_FORM_ID}@${form.version}`;
        await requestSignup(deps, validated.signup, {
          form,
          isOwnForm,
          formId: body.form ?? null,
          method: 'api',
          pageUrl: withoutQuery(body.pageUrl),
          ...circumstancesOf(req),
        });
        return { status: 'accepted' };
      },
    }),
  ];
}

/** Queries carry personal data and tokens; the page itself is what matters. */
function withoutQuery(pageUrl: string | undefined): string | null {
  const url = pageUrl === undefined ? null : URL.parse(pageUrl);
  return url === null ? null : `${url.origin}${url.pathname}`;
}
