import { z } from 'zod';
import type { Config } from '../config/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { LOCALES, matchLocale, translatorFor } from '../i18n/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { conflict } from '../shared/app-error.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { formForOne } from '../subscriptions/index.ts';
import type { SignupForms } from '../subscriptions/index.ts';
import { writeEmbedCode, writeSnippet } from './form-code.ts';

interface CodeDeps {
  readonly db: Db;
  readonly config: Pick<Config, 'publicUrl'>;
  readonly signupForms: SignupForms;
}

const params = z.strictObject({
  id: z.coerce
    .number()
    .int()
    .positive()
    .transform((id) => id as NewsletterId),
});

export function formCodeRoutes(deps: CodeDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/newsletters/:id/signup-code',
      access: 'newsletters:read',
      summary: 'The sign-up form of a newsletter for other pages: its address, the element, and plain HTML',
      params,
      query: z.strictObject({ locale: z.string().max(35).optional() }),
      handle: async ({ params, query }) => {
        const { publicUrl } = deps.config;
        const newsletter = await requireNewsletter(deps.db, params);
        const locale = matchLocale(query.locale ?? newsletter.locale);
        const form = formForOne(await deps.signupForms.current(locale), newsletter.slug);
        if (form === undefined) {
          throw conflict(
            'newsletter_not_public',
            'Nobody can subscribe to this newsletter by a form: make it public first.',
          );
        }
        return {
          locale,
          locales: LOCALES.map((tag) => ({ tag, name: translatorFor(tag)('language') })),
          pageUrl: `${publicUrl}/newsletters/${newsletter.slug}`,
          embedCode: writeEmbedCode(publicUrl, form),
          snippet: writeSnippet(publicUrl, form),
          previewUrl: `/embed-preview?newsletters=${newsletter.slug}&lang=${locale}`,
        };
      },
    }),
  ];
}
