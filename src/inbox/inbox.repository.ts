import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';

/** How many mails are kept; the inbox is for looking, not for storing. */
const KEPT_MAILS = 1000;
const ADDRESS_KEY = 'inbox';

export interface InboxMail {
  readonly id: number;
  readonly receivedAt: Date;
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
}

export interface NewInboxMail extends Omit<InboxMail, 'id'> {
  readonly envelopeFrom: string;
  readonly messageId: string | null;
  readonly raw: Buffer;
}

export interface InboxFilter {
  /** Exactly this recipient, whatever the case of its letters. */
  readonly to?: string | undefined;
  /** Part of the subject, a recipient or the sender. */
  readonly search?: string | undefined;
}

const COLUMNS = ['id', 'received_at', 'envelope_to', 'from_text', 'subject'] as const;

export async function insertMail(db: DbOrTx, mail: NewInboxMail): Promise<void> {
  await db
    .insertInto('inbox_mails')
    .values({
      received_at: mail.receivedAt,
      envelope_from: mail.envelopeFrom,
      envelope_to: [...mail.to],
      subject: mail.subject,
      from_text: mail.from,
      message_id: mail.messageId,
      raw: mail.raw,
    })
    .execute();
}

export async function deleteOldMails(db: DbOrTx): Promise<void> {
  await db
    .deleteFrom('inbox_mails')
    .where('id', '<=', (eb) =>
      eb.selectFrom('inbox_mails').select('id').orderBy('id', 'desc').offset(KEPT_MAILS).limit(1),
    )
    .execute();
}

export async function deleteAllMails(db: DbOrTx): Promise<void> {
  await db.deleteFrom('inbox_mails').execute();
}

/** Newest first. */
export async function selectMails(
  db: DbOrTx,
  filter: InboxFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly InboxMail[]> {
  const rows = await db
    .selectFrom('inbox_mails')
    .select(COLUMNS)
    .where(matches(filter))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(toMail);
}

export async function countMails(db: DbOrTx, filter: InboxFilter): Promise<number> {
  const row = await db
    .selectFrom('inbox_mails')
    .select((eb) => eb.fn.countAll<number>().as('mails'))
    .where(matches(filter))
    .executeTakeFirstOrThrow();
  return row.mails;
}

export async function selectMail(db: DbOrTx, id: number): Promise<(InboxMail & { readonly raw: Buffer }) | undefined> {
  const row = await db
    .selectFrom('inbox_mails')
    .select([...COLUMNS, 'raw'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...toMail(row), raw: row.raw };
}

/** Differs whenever a mail came or went. */
export async function selectInboxState(db: DbOrTx): Promise<string> {
  const row = await db
    .selectFrom('inbox_mails')
    .select((eb) => [eb.fn.countAll<number>().as('mails'), eb.fn.max('id').as('newest')])
    .executeTakeFirstOrThrow();
  return `${row.newest ?? 0}-${row.mails}`;
}

export interface InboxAddress {
  readonly host: string;
  readonly port: number;
}

export async function writeInboxAddress(db: DbOrTx, address: InboxAddress, now: Date): Promise<void> {
  const row = { value: JSON.stringify(address), updated_at: now };
  await db
    .insertInto('settings')
    .values({ key: ADDRESS_KEY, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
}

/** Where workers hand their mails in while SMTP_URL is unset; undefined before the listener ran for the first time. */
export async function readInboxAddress(db: DbOrTx): Promise<InboxAddress | undefined> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', ADDRESS_KEY).executeTakeFirst();
  const { host, port } = row?.value ?? {};
  return typeof host === 'string' && typeof port === 'number' ? { host, port } : undefined;
}

function matches({ to, search }: InboxFilter) {
  const isTo =
    to === undefined
      ? sql<boolean>`true`
      : sql<boolean>`exists (select from unnest(envelope_to) as recipient where lower(recipient) = lower(${to}))`;
  const pattern = `%${(search ?? '').replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return search === undefined
    ? isTo
    : sql<boolean>`${isTo} and (subject ilike ${pattern} or from_text ilike ${pattern} or array_to_string(envelope_to, ' ') ilike ${pattern})`;
}

function toMail(row: {
  readonly id: number;
  readonly received_at: Date;
  readonly envelope_to: readonly string[];
  readonly from_text: string;
  readonly subject: string;
}): InboxMail {
  return {
    id: row.id,
    receivedAt: row.received_at,
    to: row.envelope_to,
    from: row.from_text,
    subject: row.subject,
  };
}
