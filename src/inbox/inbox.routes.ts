import express from 'express';
import type { NextFunction, Request, Response, Router } from 'express';
import { z } from 'zod';
import { sendPage } from '../http/index.ts';
import { DEFAULT_LOCALE } from '../i18n/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { AppError, notFound } from '../shared/app-error.ts';
import { describeInboxPage, describeOpenMail } from './describe-inbox.ts';
import { deleteAllMails, selectInboxState, selectMail, selectMails } from './inbox.repository.ts';
import type { InboxMail } from './inbox.repository.ts';
import { readMail } from './read-mail.ts';
import { watchInbox } from './watch-inbox.ts';

const MAIL_VIEWS = ['html', 'text', 'source', 'headers'] as const;

/** The site's policy, and the frame that shows the mail. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/** A mail is somebody else's page (S2): an origin of its own, no scripts, no forms; its links open outside of the frame. */
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src * data:; frame-ancestors 'self'";

const listQuery = z.object({
  page: z.coerce.number().int().min(1).max(10_000).catch(1),
  q: z.string().trim().min(1).max(200).optional().catch(undefined),
});
const viewQuery = listQuery.extend({ view: z.enum(MAIL_VIEWS).catch('html') });
const toQuery = z.object({
  to: z.string().trim().min(1).max(320).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const mailId = z.object({ id: z.coerce.number().int().positive() });

interface InboxPages {
  readonly router: Router;
  /** Ends the live updates, so that the server can close. */
  close(): void;
}

/** The pages of the local inbox. To be mounted only while SMTP_URL is unset: it shows every mail to whoever can open it. */
export function inboxPages(deps: { readonly db: Db }): InboxPages {
  const router = express.Router();
  const watch = watchInbox(() => selectInboxState(deps.db));
  const viewers = new Set<Response>();
  router.use(['/inbox', '/inbox.json'], refuseStrangers);
  router.get('/inbox.json', async (req, res) => sendList(deps.db, req, res));
  router.get('/inbox', async (req, res) => {
    const list = await describeInboxPage(deps.db, listQuery.parse(req.query));
    await sendPage(res, 'inbox/views/inbox', { ...list, locale: DEFAULT_LOCALE });
  });
  router.get('/inbox/latest', async (req, res) => showLatest(deps.db, req, res));
  router.get('/inbox/events', (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('retry: 2000\n\n');
    viewers.add(res);
    const stop = watch.subscribe((state) => res.write(`data: ${state}\n\n`));
    res.on('close', () => {
      stop();
      viewers.delete(res);
    });
  });
  router.post('/inbox/delete', async (_req, res) => {
    await deleteAllMails(deps.db);
    res.redirect(303, '/inbox');
  });
  mailRoutes(deps.db, router);
  const close = (): void => {
    watch.close();
    for (const viewer of viewers) {
      viewer.end();
    }
  };
  return { router, close };
}

function mailRoutes(db: Db, router: Router): void {
  router.get('/inbox/:id.json', async (req, res) => {
    const { raw, ...stored } = await requireMail(db, req);
    const mail = await readMail(raw);
    const headers = mail?.headers.map((header) => [header.name, header.value]) ?? [];
    res.json({ ...stored, html: null, text: null, links: [], ...mail, headers });
  });
  router.get('/inbox/:id/html', async (req, res) => {
    const mail = await readMail((await requireMail(db, req)).raw);
    res.set({ 'Content-Security-Policy': MAIL_POLICY, 'X-Frame-Options': 'SAMEORIGIN' });
    res.type('html').send(openLinksOutside(mail?.html ?? ''));
  });
  router.get('/inbox/:id/raw', async (req, res) => {
    const { id, raw } = await requireMail(db, req);
    res.attachment(`mail-${id}.eml`).type('message/rfc822').send(raw);
  });
  router.get('/inbox/:id', async (req, res) => {
    const mail = await requireMail(db, req);
    const query = viewQuery.parse(req.query);
    const list = await describeInboxPage(db, query, mail.id);
    await sendPage(res, 'inbox/views/inbox', {
      ...list,
      locale: DEFAULT_LOCALE,
      mail: await describeOpenMail(mail, query),
    });
  });
}

async function sendList(db: Db, req: Request, res: Response): Promise<void> {
  const { to, limit } = toQuery.parse(req.query);
  res.json({ mails: await selectMails(db, { to }, { limit, offset: 0 }) });
}

/** The newest mail to an address; while there is none, a page that tries again, so that a link may be there before the mail. */
async function showLatest(db: Db, req: Request, res: Response): Promise<void> {
  const { to } = toQuery.parse(req.query);
  const [mail] = await selectMails(db, { to }, { limit: 1, offset: 0 });
  if (mail !== undefined) {
    res.redirect(302, `/inbox/${mail.id}`);
    return;
  }
  res.set('Refresh', '3');
  await sendPage(res, 'inbox/views/inbox', {
    locale: DEFAULT_LOCALE,
    ...(await describeInboxPage(db, { page: 1 })),
    waitingFor: to ?? 'anybody',
  });
}

async function requireMail(db: Db, req: Request): Promise<InboxMail & { readonly raw: Buffer }> {
  const params = mailId.safeParse(req.params);
  const mail = params.success ? await selectMail(db, params.data.id) : undefined;
  if (mail === undefined) {
    throw notFound('mail_not_found', 'This mail is not in the inbox. It keeps the newest 1,000.');
  }
  return mail;
}

/** Links of the mail would load inside the frame, where nothing may run. */
function openLinksOutside(html: string): string {
  const base = '<base target="_blank">';
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + base) : base + html;
}

/**
 * The inbox holds every link that confirms or signs in. It answers only under a name of this machine (a foreign name
 * that points here is DNS rebinding), and changes nothing for another site's form.
 */
function refuseStrangers(req: Request, res: Response, next: NextFunction): void {
  const site = req.get('sec-fetch-site');
  const isOwnPage = site === undefined || site === 'same-origin' || site === 'none';
  const isHere =
    /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(req.hostname) &&
    /^(?:::ffff:)?127\.|^::1$/.test(req.socket.remoteAddress ?? '');
  if (!isHere || (req.method !== 'GET' && !isOwnPage)) {
    next(new AppError('forbidden', 'inbox_is_local', 'The local inbox opens only on this machine.'));
    return;
  }
  res.set({ 'Content-Security-Policy': PAGE_POLICY, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
  next();
}
