import type { Db } from '../platform/postgres/index.ts';
import { countMails, selectInboxState, selectMails } from './inbox.repository.ts';
import type { InboxMail } from './inbox.repository.ts';
import { readMail, splitAtLinks } from './read-mail.ts';

const PAGE_SIZE = 50;
/** A browser stumbles over a page of many megabytes; the whole mail can be downloaded. */
const SHOWN_SOURCE = 400_000;

interface ListQuery {
  readonly page: number;
  readonly q?: string | undefined;
}

/** The data of the list at the left. */
export async function describeInboxPage(db: Db, query: ListQuery, openId?: number): Promise<Record<string, unknown>> {
  const filter = { search: query.q };
  const [state, total] = await Promise.all([selectInboxState(db), countMails(db, filter)]);
  const page = Math.min(query.page, Math.max(1, Math.ceil(total / PAGE_SIZE)));
  const offset = (page - 1) * PAGE_SIZE;
  const mails = await selectMails(db, filter, { limit: PAGE_SIZE, offset });
  const rest = listParameters({ page, q: query.q });
  return {
    title: 'Inbox',
    state,
    total,
    query: query.q,
    first: offset + 1,
    last: offset + mails.length,
    listUrl: `/inbox${rest}`,
    newerUrl: page > 1 ? `/inbox${listParameters({ page: page - 1, q: query.q })}` : undefined,
    olderUrl: offset + mails.length < total ? `/inbox${listParameters({ page: page + 1, q: query.q })}` : undefined,
    mails: mails.map((mail) => ({
      ...describeMail(mail),
      url: `/inbox/${mail.id}${rest}`,
      isOpen: mail.id === openId,
    })),
  };
}

/** The data of the mail at the right. */
export async function describeOpenMail(
  mail: InboxMail & { readonly raw: Buffer },
  query: ListQuery & { readonly view: string },
): Promise<Record<string, unknown>> {
  const read = await readMail(mail.raw);
  const parts = [
    { view: 'html', label: 'Mail', isThere: read?.html !== undefined },
    { view: 'text', label: 'Text', isThere: read?.text !== undefined },
    { view: 'headers', label: 'Headers', isThere: read !== undefined },
    { view: 'source', label: 'Source', isThere: true },
  ].filter((part) => part.isThere);
  const view = parts.some((part) => part.view === query.view) ? query.view : (parts[0]?.view ?? 'source');
  return {
    ...describeMail(mail),
    view,
    tabs: parts.map((part) => ({
      label: part.label,
      url: `/inbox/${mail.id}${listParameters({ ...query, view: part.view })}`,
      isOpen: part.view === view,
    })),
    ...(view === 'text' ? { pieces: splitAtLinks(read?.text ?? '') } : {}),
    ...(view === 'headers' ? { headers: read?.headers } : {}),
    ...(view === 'source' ? describeSource(mail.raw) : {}),
  };
}

function describeSource(raw: Buffer): Record<string, unknown> {
  return {
    source: raw.subarray(0, SHOWN_SOURCE).toString('utf8'),
    isCut: raw.length > SHOWN_SOURCE,
    kilobytes: Math.ceil(raw.length / 1000),
  };
}

function describeMail(mail: InboxMail): Record<string, unknown> {
  const isToday = Date.now() - mail.receivedAt.getTime() < 12 * 3_600_000;
  return {
    id: mail.id,
    to: mail.to.join(', '),
    from: mail.from,
    subject: mail.subject === '' ? '(no subject)' : mail.subject,
    iso: mail.receivedAt.toISOString(),
    time: mail.receivedAt.toLocaleString(
      'en-GB',
      isToday ? { timeStyle: 'short' } : { day: 'numeric', month: 'short' },
    ),
    longTime: mail.receivedAt.toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'medium' }),
  };
}

function listParameters(values: {
  readonly page: number;
  readonly q?: string | undefined;
  readonly view?: string;
}): string {
  const parameters = new URLSearchParams();
  if (values.page > 1) {
    parameters.set('page', String(values.page));
  }
  if (values.q !== undefined) {
    parameters.set('q', values.q);
  }
  if (values.view !== undefined && values.view !== 'html') {
    parameters.set('view', values.view);
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}
