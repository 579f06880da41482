import { z } from 'zod';
import type { Config } from '../config/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { matchLocale } from '../i18n/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import { issueFormToken } from '../signup-guard/index.ts';
import type { SignupForms } from '../subscriptions/index.ts';
import { describeForm } from './describe-form.ts';

interface FormDeps {
  readonly config: Pick<Config, 'publicUrl'>;
  readonly signupForms: SignupForms;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** Old words on a page are noticed when it is sent (`form_changed`), so that they may be kept for as long as a cache saves much. */
const CACHE = 'public, max-age=60';
const MAX_NEWSLETTERS = 50;

const query = z.strictObject({
  /** Slugs with commas between; empty for all. */
  newsletters: z
    .string()
    .max(3000)
    .transform((list) => list.split(',').filter(Boolean))
    .refine((slugs) => slugs.length <= MAX_NEWSLETTERS, 'Name at most 50 newsletters.')
    .default([]),
  /** Any language tag; the nearest of ours is answered. */
  locale: z.string().max(35).default(''),
});

/** What `<courant-signup>` asks for (embed/): the words when it comes into view, a form token when somebody uses it. */
export function signupFormRoutes(deps: FormDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/signup-form',
      access: 'public',
      crossOrigin: true,
      summary: 'The sign-up form in one language, with the words that a consent record will name',
      query,
      handle: async ({ query, res }) => {
        const form = await deps.signupForms.current(matchLocale(query.locale));
        if (form.closed !== undefined) {
          throw new AppError('unavailable', form.closed.code, form.closed.message);
        }
        const description = describeForm(deps.config.publicUrl, form, query.newsletters);
        res.set('Cache-Control', CACHE);
        return description;
      },
    }),
    apiRoute({
      method: 'get',
      path: '/form-token',
      access: 'public',
      crossOrigin: true,
      summary: 'A token that says when the form was asked for; good for a day',
      handle: () => Promise.resolve({ formToken: issueFormToken(deps) }),
    }),
  ];
}
