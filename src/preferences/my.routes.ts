import express from 'express';
import type { NextFunction, Request, Response, Router } from 'express';
import { chooseLocale, localeOf, readCookie, refuseCrossSite, sendPage } from '../http/index.ts';
import { translatorFor } from '../i18n/index.ts';
import { eraseSubscriber, exportPersonalData } from '../rights/index.ts';
import type { PageDeps } from '../subscriptions/index.ts';
import { describeNote, describeVisit } from './describe-reader.ts';
import { fulfilWish } from './fulfil-wish.ts';
import { visitSchema } from './preference-input.ts';
import type { Reader } from './reader.ts';
import { findReader } from './readers.repository.ts';
import { leaveVisit, resumeVisit } from './visit.ts';
import { visitCookie } from './visit-cookie.ts';

const urlencoded = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 60 });

/**
 * The visit that a fresh link opens: everything about one reader. The cookie is the only key, so every unsafe request has to come
 * from our own pages (S3).
 */
export function myPages(deps: PageDeps): Router {
  const router = express.Router();
  router.use('/my', privatePage, (req, _res, next) => {
    refuseCrossSite(req, deps.config.publicUrl);
    next();
  });
  router
    .route('/my')
    .get(
      visited(deps, (req, res, reader) =>
        sendVisit(deps, req, res, reader, { note: noteOf(req), newsletterId: Number(req.query['of']) }),
      ),
    )
    .post(
      urlencoded,
      visited(deps, (req, res, reader) => fulfil(deps, req, res, reader)),
    );
  router.get(
    '/my/data.json',
    visited(deps, async (_req, res, reader) => {
      const data = await exportPersonalData(deps, reader.id);
      res
        .attachment('my-data.json')
        .type('json')
        .send(`${JSON.stringify(data, null, 2)}\n`);
    }),
  );
  router
    .route('/my/delete')
    .get(
      visited(deps, (req, res, { address, locale }) =>
        sendPage(res, 'preferences/views/delete', { locale: chooseLocale(req, locale), address }),
      ),
    )
    .post(visited(deps, (req, res, reader) => erase(deps, req, res, reader)));
  return router;
}

/** Nobody keeps it. The address holds no token, so our own forms may name where they come from. */
function privatePage(_req: Request, res: Response, next: NextFunction): void {
  res.set({ 'Referrer-Policy': 'same-origin', 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex, nofollow' });
  next();
}

function visited(
  deps: PageDeps,
  show: (req: Request, res: Response, reader: Reader) => Promise<void>,
): (req: Request, res: Response) => Promise<void> {
  const cookie = visitCookie(deps.config.publicUrl);
  return async (req, res) => {
    const id = await resumeVisit(deps, readCookie(req.headers.cookie, cookie.name));
    const reader = id === undefined ? undefined : await findReader(deps.db, id, deps.clock.now());
    if (reader === undefined) {
      await sendPage(
        res,
        'preferences/views/ask',
        { noteText: translatorFor(localeOf(res))('preferences.ask_ended') },
        401,
      );
      return;
    }
    await show(req, res, reader);
  };
}

/** What was done, named by the redirect after it. Anything else is nothing. */
const DONE = ['left', 'joined', 'paused', 'resumed', 'saved', 'tracking_on', 'tracking_off'] as const;
const DONE_ABOUT_ADDRESS = ['address_requested', 'address_kept'] as const;
const DONE_ABOUT_CONTENT = ['content_more_often'] as const;

function noteOf(req: Request): string | undefined {
  return [...DONE, ...DONE_ABOUT_ADDRESS, ...DONE_ABOUT_CONTENT].find((note) => note === req.query['done']);
}

async function sendVisit(
  deps: PageDeps,
  req: Request,
  res: Response,
  reader: Reader,
  shown: {
    readonly note: string | undefined;
    readonly isProblem?: boolean;
    readonly typed?: Record<string, string>;
    readonly newsletterId?: number;
  },
): Promise<void> {
  const locale = chooseLocale(req, reader.locale);
  const { note, isProblem = false, typed = {}, newsletterId } = shown;
  const about = describeNote(reader, note, newsletterId);
  const noteText = note === undefined ? undefined : translatorFor(locale)(`preferences.note_${note}`);
  const data = {
    ...(await describeVisit(deps, reader, locale)),
    ...typed,
    ...about,
    locale,
    note,
    noteText,
    isProblem,
  };
  await sendPage(res, 'preferences/views/my', data, isProblem ? 422 : 200);
}

async function fulfil(deps: PageDeps, req: Request, res: Response, reader: Reader): Promise<void> {
  const wish = visitSchema.parse(req.body ?? {});
  if (wish.action === 'end') {
    await endVisit(deps, req, res);
    return;
  }
  const outcome = await fulfilWish(deps, reader, wish, req);
  if (outcome.kind === 'problem') {
    const { kind: _kind, ...shown } = outcome;
    await sendVisit(deps, req, res, reader, { ...shown, isProblem: true });
    return;
  }
  // So that reloading the page and going back to it change nothing.
  const lang = wish.action !== 'details' && typeof req.query['lang'] === 'string' ? `&lang=${chooseLocale(req)}` : '';
  const about = outcome.newsletterId === undefined ? '' : `&of=${outcome.newsletterId}`;
  res.redirect(303, `/my?done=${outcome.note}${about}${lang}`);
}

async function endVisit(deps: PageDeps, req: Request, res: Response): Promise<void> {
  const { name, options } = visitCookie(deps.config.publicUrl);
  const secret = readCookie(req.headers.cookie, name);
  if (secret !== undefined) {
    await leaveVisit(deps, secret);
  }
  const { maxAge: _lifetime, ...attributes } = options;
  res.clearCookie(name, attributes);
  await sendPage(res, 'preferences/views/ask', { noteText: translatorFor(localeOf(res))('preferences.ask_left') });
}

/** A double click finds that the visit is over. */
async function erase(deps: PageDeps, req: Request, res: Response, reader: Reader): Promise<void> {
  await eraseSubscriber(deps, { subscriberId: reader.id, actor: 'subscriber', method: 'button' });
  const { name, options } = visitCookie(deps.config.publicUrl);
  const { maxAge: _lifetime, ...attributes } = options;
  res.clearCookie(name, attributes);
  await sendPage(res, 'preferences/views/deleted', { locale: chooseLocale(req, reader.locale) });
}
