import express from 'express';
import type { Request, Response, Router } from 'express';
import type { Config } from '../config/index.ts';
import { chooseLocale, sendPage } from '../http/index.ts';
import { formatDay, LOCALES } from '../i18n/index.ts';
import { describeCadence } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { SignupGuard } from '../signup-guard/index.ts';
import { describeSignupForm, emptyForm, formForOne } from '../subscriptions/index.ts';
import type { SignupForms } from '../subscriptions/index.ts';
import { findSampleIssue } from './sample-issue.ts';

interface NewsletterPageDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly config: Pick<Config, 'publicUrl'>;
  readonly signupForms: SignupForms;
  readonly signupGuard: Pick<SignupGuard, 'needsProof'>;
}

/** `GET /newsletters/:slug`: what it is, when it comes, what it looks like, and the form for it alone. Only public newsletters have one. */
export function newsletterPages(deps: NewsletterPageDeps): Router {
  const router = express.Router();
  router.get('/newsletters/:slug', (req, res) => sendNewsletter(deps, req, res));
  return router;
}

async function sendNewsletter(deps: NewsletterPageDeps, req: Request, res: Response): Promise<void> {
  const locale = chooseLocale(req);
  const form = formForOne(await deps.signupForms.current(locale), String(req.params['slug']));
  const newsletter = form?.newsletters[0];
  if (form === undefined || newsletter === undefined) {
    throw notFound('newsletter_not_found', 'There is no such newsletter.');
  }
  const { nextRunAt, timeZone } = newsletter;
  const isComing = nextRunAt !== null && nextRunAt > deps.clock.now();
  const sample = await findSampleIssue(deps.db, newsletter, locale);
  // The form on it carries a token of this moment.
  res.set('Cache-Control', 'no-store');
  await sendPage(res, 'newsletter-page/views/newsletter', {
    ...describeSignupForm(deps, emptyForm(form, 'page')),
    publication: newsletter.name,
    newsletter: {
      slug: newsletter.slug,
      name: newsletter.name,
      description: newsletter.description,
      locale: newsletter.locale,
      cadenceText: describeCadence(newsletter.cron, timeZone, locale),
    },
    ...(isComing ? { nextDay: formatDay(locale, nextRunAt, timeZone), nextIso: nextRunAt.toISOString() } : {}),
    sample,
    ...describeAddresses(
      `${deps.config.publicUrl}/newsletters/${newsletter.slug}`,
      req.query['lang'] === locale,
      locale,
    ),
  });
}

/** One address for each language, and one that follows the browser: search engines hold each for a page of its own. */
function describeAddresses(url: string, isChosen: boolean, locale: string): Readonly<Record<string, unknown>> {
  return {
    canonicalUrl: isChosen ? `${url}?lang=${locale}` : url,
    pageUrl: url,
    alternates: LOCALES.map((tag) => ({ tag, url: `${url}?lang=${tag}` })),
  };
}
