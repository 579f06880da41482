import express from 'express';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import type { ShownPage } from '../consent/index.ts';
import { chooseLocale, localeOf, readClientAddress, sendPage, tokenPage } from '../http/index.ts';
import { translatorFor } from '../i18n/index.ts';
import { readToken } from '../shared/keyring.ts';
import { circumstancesOf, endSubscriptions, sendLeftPage } from '../subscriptions/index.ts';
import type { PageDeps } from '../subscriptions/index.ts';
import { chooseContent } from './choose-content.ts';
import { chooseTracking } from './choose-tracking.ts';
import { describeContents } from './describe-content.ts';
import { describeNote, describeSubscriptions } from './describe-reader.ts';
import { describeChoice } from './fulfil-wish.ts';
import { sendLinkSent } from './link-pages.routes.ts';
import { storeContentWording, storeLeaveWording, storePauseWording } from './page-wording.ts';
import { pauseSubscriptions } from './pause-subscriptions.ts';
import { reduceSchema } from './preference-input.ts';
import type { Reduction } from './preference-input.ts';
import type { Reader } from './reader.ts';
import { findReader } from './readers.repository.ts';
import { requestLink, requestLinkTo } from './request-link.ts';

const urlencoded = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 60 });
const askSchema = z.object({ email: z.string().trim().max(320).catch('') });

/**
 * The page that a mail links to, which can only take something away (design, section 3), and the one where an address is typed
 * to get a fresh link.
 */
export function preferencePages(deps: PageDeps): Router {
  const router = express.Router();
  router
    .route('/preferences')
    .get((_req, res) => sendPage(res, 'preferences/views/ask', {}))
    .post(urlencoded, (req, res) => askForLink(deps, req, res));
  router
    .route('/preferences/:token')
    .all(tokenPage)
    .get(async (req, res) => {
      await withReader(deps, req, res, (reader) => sendPreferences(deps, req, res, reader));
    })
    .post(urlencoded, async (req, res) => {
      await withReader(deps, req, res, (reader) => reduce(deps, req, res, reader));
    });
  return router;
}

async function withReader(
  deps: PageDeps,
  req: Request,
  res: Response,
  show: (reader: Reader) => Promise<void>,
): Promise<void> {
  const id = readToken(deps.keyring, 'preferences', String(req.params['token']));
  const reader = id === undefined ? undefined : await findReader(deps.db, id, deps.clock.now());
  await (reader === undefined ? sendPage(res, 'subscriptions/views/link-invalid', {}, 404) : show(reader));
}

async function sendPreferences(
  deps: PageDeps,
  req: Request,
  res: Response,
  reader: Reader,
  shown: { readonly note?: string; readonly isProblem?: boolean; readonly newsletterId?: number } = {},
): Promise<void> {
  const locale = chooseLocale(req, reader.locale);
  const { note, isProblem = false, newsletterId } = shown;
  const data = {
    ...describeSubscriptions(reader, deps.clock.now(), locale, false),
    ...describeNote(reader, note, newsletterId),
    locale,
    isProblem,
    ...(note === undefined ? {} : { noteText: translatorFor(locale)(`preferences.note_${note}`) }),
  };
  await sendPage(res, 'preferences/views/preferences', data, isProblem ? 422 : 200);
}

async function reduce(deps: PageDeps, req: Request, res: Response, reader: Reader): Promise<void> {
  const wish = reduceSchema.parse(req.body ?? {});
  const circumstances = circumstancesOf(req);
  switch (wish.action) {
    case 'change':
      await requestLink(deps, reader.id);
      await sendLinkSent(deps, req, res, { address: reader.address, isKnown: true, locale: reader.locale });
      return;
    case 'pause': {
      const shown = await storePauseWording(deps, pageOf(deps, req, reader), true);
      const options = { mayShorten: false, ...circumstances, ...shown };
      const outcome = await pauseSubscriptions(deps, reader, wish, options);
      await sendChanged(deps, req, res, reader, { note: outcome === 'too-long' ? 'pause_too_long' : 'paused' });
      return;
    }
    case 'choose':
      await reduceContent(deps, req, res, reader, wish);
      return;
    case 'tracking-off':
      await chooseTracking(deps, reader, { isAllowed: false, locale: chooseLocale(req, reader.locale) }, circumstances);
      await sendChanged(deps, req, res, reader, { note: 'tracking_off' });
      return;
    case 'leave':
      await leave(deps, req, res, reader, wish);
      return;
    default:
      wish satisfies never;
  }
}

function pageOf(deps: PageDeps, req: Request, reader: Reader): ShownPage {
  return { locale: chooseLocale(req, reader.locale), url: `${deps.config.publicUrl}/preferences` };
}

/** As it is now. */
async function sendChanged(
  deps: PageDeps,
  req: Request,
  res: Response,
  reader: Reader,
  shown: Parameters<typeof sendPreferences>[4],
): Promise<void> {
  const changed = (await findReader(deps.db, reader.id, deps.clock.now())) ?? reader;
  await sendPreferences(deps, req, res, changed, shown);
}

async function reduceContent(
  deps: PageDeps,
  req: Request,
  res: Response,
  reader: Reader,
  wish: Extract<Reduction, { action: 'choose' }>,
): Promise<void> {
  const page = pageOf(deps, req, reader);
  const { newsletterId } = wish;
  const content = describeContents(reader, page.locale, false).find((one) => one.newsletterId === newsletterId);
  const shown = await storeContentWording(deps, page, content);
  const outcome = await chooseContent(deps, reader, wish, { mayWiden: false, ...circumstancesOf(req), ...shown });
  const { kind, note } = describeChoice(outcome);
  await sendChanged(deps, req, res, reader, { note, isProblem: kind === 'problem', newsletterId });
}

async function leave(
  deps: PageDeps,
  req: Request,
  res: Response,
  reader: Reader,
  { newsletterId, scope }: Extract<Reduction, { action: 'leave' }>,
): Promise<void> {
  const isAll = scope === 'all';
  const ended = reader.subscriptions.find((one) =>
    isAll ? one.status === 'active' : one.newsletterId === newsletterId,
  );
  if (ended === undefined) {
    await sendPreferences(deps, req, res, reader);
    return;
  }
  const shown = await storeLeaveWording(deps, pageOf(deps, req, reader), isAll ? null : ended.newsletterName);
  await endSubscriptions(
    deps,
    { subscriberId: reader.id, address: reader.address },
    isAll ? null : ended.newsletterId,
    { ...circumstancesOf(req), ...shown, method: 'button', actor: 'subscriber' },
  );
  await sendLeftPage(deps, req, res, { subscriptionId: ended.id, isAll });
}

/** The same answer whoever has the address, and if nobody has (S23). */
async function askForLink(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const { email } = askSchema.parse(req.body ?? {});
  const outcome = await requestLinkTo(deps, email, readClientAddress(req).limitIp);
  switch (outcome.kind) {
    case 'requested':
      await sendLinkSent(deps, req, res, { address: email, isKnown: false, locale: null });
      return;
    case 'invalid':
      await sendPage(res, 'preferences/views/ask', { email, error: 'email_invalid' }, 422);
      return;
    case 'limited':
      res.set('Retry-After', String(outcome.retryAfterSeconds));
      await sendPage(
        res,
        'preferences/views/ask',
        { email, noteText: translatorFor(localeOf(res))('preferences.ask_too_many'), isProblem: true },
        429,
      );
      return;
    default:
      outcome satisfies never;
  }
}
