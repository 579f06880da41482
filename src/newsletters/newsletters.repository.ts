import { sql } from 'kysely';
import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId, SectionId } from '../shared/ids.ts';
import type { SendWindow } from '../shared/send-window.ts';
import { defaultBrand } from './brand.ts';
import { selectBrands } from './brand.repository.ts';
import { defaultDigestRules } from './digest-rules.ts';
import { selectManyDigestRules } from './digest-rules.repository.ts';
import type { Newsletter, Proofreader, Section } from './newsletter.ts';

export type NewsletterRow = Insertable<Database['newsletters']>;
export type NewsletterUpdate = Updateable<Database['newsletters']>;

/** How a newsletter is named: by id in the API, by slug in addresses and on the command line. */
export type NewsletterKey = { readonly id: NewsletterId } | { readonly slug: string };

export async function selectNewsletters(db: DbOrTx): Promise<readonly Newsletter[]> {
  const rows = await db.selectFrom('newsletters').selectAll().orderBy('id').execute();
  return withSections(db, rows);
}

export async function selectNewsletter(db: DbOrTx, key: NewsletterKey): Promise<Newsletter | undefined> {
  const rows = await db
    .selectFrom('newsletters')
    .selectAll()
    .where((eb) => ('id' in key ? eb('id', '=', key.id) : eb('slug', '=', key.slug)))
    .execute();
  const [newsletter] = await withSections(db, rows);
  return newsletter;
}

/** Until the transaction ends nobody else changes this newsletter or builds its issue. Rows that refer to it come and go meanwhile. */
export async function lockNewsletter(tx: Tx, id: NewsletterId): Promise<boolean> {
  const row = await tx.selectFrom('newsletters').select('id').where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row !== undefined;
}

/** Readers go on; whoever else would add a newsletter waits. Makes "is there none?" a safe question. */
export async function lockNewsletters(tx: Tx): Promise<void> {
  await sql`lock table newsletters in share row exclusive mode`.execute(tx);
}

export async function selectSlugs(db: DbOrTx): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('newsletters').select('slug').execute();
  return new Set(rows.map((row) => row.slug));
}

export async function insertNewsletter(tx: Tx, row: NewsletterRow): Promise<NewsletterId> {
  return (await tx.insertInto('newsletters').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

export async function updateNewsletterRow(tx: DbOrTx, id: NewsletterId, row: NewsletterUpdate): Promise<void> {
  await tx.updateTable('newsletters').set(row).where('id', '=', id).execute();
}

export async function selectNewslettersAtUtc(db: DbOrTx): Promise<readonly Pick<Newsletter, 'id' | 'cron'>[]> {
  return db.selectFrom('newsletters').select(['id', 'cron']).where('time_zone', '=', 'UTC').forUpdate().execute();
}

export async function countActiveSubscribers(db: DbOrTx): Promise<ReadonlyMap<NewsletterId, number>> {
  const rows = await db
    .selectFrom('subscriptions')
    .select((eb) => ['newsletter_id', eb.fn.countAll<number>().as('active')])
    .where('status', '=', 'active')
    .groupBy('newsletter_id')
    .execute();
  return new Map(rows.map((row) => [row.newsletter_id, row.active]));
}

type SectionRow = Omit<Insertable<Database['newsletter_sections']>, 'id' | 'newsletter_id'>;

export async function insertSection(tx: Tx, newsletterId: NewsletterId, row: SectionRow): Promise<void> {
  await tx
    .insertInto('newsletter_sections')
    .values({ ...row, newsletter_id: newsletterId })
    .execute();
}

export async function updateSection(tx: Tx, id: SectionId, row: SectionRow): Promise<void> {
  await tx.updateTable('newsletter_sections').set(row).where('id', '=', id).execute();
}

export async function deleteSections(tx: Tx, ids: readonly SectionId[]): Promise<void> {
  if (ids.length > 0) {
    await tx.deleteFrom('newsletter_sections').where('id', 'in', ids).execute();
  }
}

/**
 * Takes sections out of what readers chose. Who had chosen nothing else gets everything again: nobody falls silent because an
 * editor tidied up.
 * @returns how many readers had chosen one of them, and how many nothing else
 */
export async function forgetChosenSections(
  tx: Tx,
  newsletterId: NewsletterId,
  ids: readonly SectionId[],
): Promise<{ readonly readers: number; readonly readersOfNothingElse: number }> {
  if (ids.length === 0) {
    return { readers: 0, readersOfNothingElse: 0 };
  }
  const { rows } = await sql<{ readers: number; readersOfNothingElse: number }>`
    with forgotten as (
      update subscriptions n
      set section_ids = nullif(array(select id from unnest(n.section_ids) as id where id <> all(${ids}::bigint[]) order by id), '{}')
      where n.newsletter_id = ${newsletterId} and n.section_ids && ${ids}::bigint[]
      returning n.status, n.section_ids
    )
    select count(*) as readers, count(*) filter (where section_ids is null) as "readersOfNothingElse"
    from forgotten where status = 'active'`.execute(tx);
  return rows[0] ?? { readers: 0, readersOfNothingElse: 0 };
}

/** The first of these sections, by name, that a feed or an article belongs to. */
export async function findSectionInUse(db: DbOrTx, ids: readonly SectionId[]): Promise<string | undefined> {
  if (ids.length === 0) {
    return undefined;
  }
  const row = await db
    .selectFrom('newsletter_sections as s')
    .select('s.name')
    .where('s.id', 'in', ids)
    .where((eb) =>
      eb.or([
        eb.exists(eb.selectFrom('feeds').select('feeds.id').whereRef('feeds.section_id', '=', 's.id')),
        eb.exists(eb.selectFrom('articles').select('articles.id').whereRef('articles.section_id', '=', 's.id')),
      ]),
    )
    .executeTakeFirst();
  return row?.name;
}

export async function selectProofreaders(db: DbOrTx, newsletterId: NewsletterId): Promise<readonly Proofreader[]> {
  const rows = await db
    .selectFrom('proofreaders')
    .select(['address', 'added_at'])
    .where('newsletter_id', '=', newsletterId)
    .orderBy('added_at')
    .execute();
  return rows.map((row) => ({ address: row.address, addedAt: row.added_at }));
}

/** False when the address is a proofreader already. */
export async function insertProofreader(db: DbOrTx, row: Insertable<Database['proofreaders']>): Promise<boolean> {
  const result = await db
    .insertInto('proofreaders')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function deleteProofreader(db: DbOrTx, newsletterId: NewsletterId, addressKey: string): Promise<boolean> {
  const result = await db
    .deleteFrom('proofreaders')
    .where('newsletter_id', '=', newsletterId)
    .where('address_key', '=', addressKey)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

async function withSections(
  db: DbOrTx,
  rows: readonly Selectable<Database['newsletters']>[],
): Promise<readonly Newsletter[]> {
  if (rows.length === 0) {
    return [];
  }
  const ids = rows.map((row) => row.id);
  const sections = await db
    .selectFrom('newsletter_sections')
    .selectAll()
    .where('newsletter_id', 'in', ids)
    .orderBy('position')
    .orderBy('id')
    .execute();
  const byNewsletter = Map.groupBy(sections, (section) => section.newsletter_id);
  const [brands, rules] = [await selectBrands(db, ids), await selectManyDigestRules(db, ids)];
  return rows.map((row) => ({
    ...toNewsletter(row, (byNewsletter.get(row.id) ?? []).map(toSection)),
    brand: brands.get(row.id) ?? defaultBrand(row.id),
    digestLook: rules.get(row.id) ?? defaultDigestRules(row.id),
  }));
}

function toSection(row: Selectable<Database['newsletter_sections']>): Section {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    position: row.position,
    maxItems: row.max_items,
    minItems: row.min_items,
    ranking: row.ranking,
  };
}

function toNewsletter(
  row: Selectable<Database['newsletters']>,
  sections: readonly Section[],
): Omit<Newsletter, 'brand' | 'digestLook'> {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    locale: row.locale,
    isPublic: row.is_public,
    fromName: row.from_name,
    fromAddress: row.from_address,
    replyTo: row.reply_to,
    postalAddress: row.postal_address,
    imprintUrl: row.imprint_url,
    cron: row.cron,
    timeZone: row.time_zone,
    localTime: row.local_time,
    // As the table's check has it.
    sendWindow: row.send_window as SendWindow | null,
    nextRunAt: row.next_run_at,
    cutoffAt: row.cutoff_at,
    maxPerSection: row.max_per_section,
    optIn: row.opt_in,
    optInReason: row.opt_in_reason,
    sections,
  };
}
