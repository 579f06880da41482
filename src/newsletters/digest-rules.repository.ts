import type { Selectable } from 'kysely';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { defaultDigestRules } from './digest-rules.ts';
import type { DigestRules } from './digest-rules.ts';

/** The defaults for a newsletter without any. */
export async function selectDigestRules(db: DbOrTx, newsletterId: NewsletterId): Promise<DigestRules> {
  const row = await db
    .selectFrom('digest_rules')
    .selectAll()
    .where('newsletter_id', '=', newsletterId)
    .executeTakeFirst();
  return row === undefined ? defaultDigestRules(newsletterId) : toDigestRules(row);
}

/** Of those that have some. */
export async function selectManyDigestRules(
  db: DbOrTx,
  newsletterIds: readonly NewsletterId[],
): Promise<ReadonlyMap<NewsletterId, DigestRules>> {
  const rows = await db.selectFrom('digest_rules').selectAll().where('newsletter_id', 'in', newsletterIds).execute();
  return new Map(rows.map((row) => [row.newsletter_id, toDigestRules(row)]));
}

/** The intro for the next issue, which the issue that is built takes with it. */
export async function takeNextIntro(tx: Tx, newsletterId: NewsletterId): Promise<void> {
  await tx.updateTable('digest_rules').set({ next_intro: null }).where('newsletter_id', '=', newsletterId).execute();
}

export async function upsertDigestRules(tx: Tx, rules: DigestRules, now: Date): Promise<void> {
  const settings = {
    approval: rules.approval,
    prepare_hours: rules.prepareHours,
    deadline_policy: rules.deadlinePolicy,
    notify_editors: rules.notifyEditors,
    min_articles: rules.minArticles,
    fill_to: rules.fillTo,
    catch_up_hours: rules.catchUpHours,
    layout: rules.layout,
    next_intro: rules.nextIntro,
    utm_source: rules.utm.source,
    utm_medium: rules.utm.medium,
    utm_hosts: [...rules.utm.hosts],
    archive_indexable: rules.archiveIndexable,
    offers_sections: rules.offersSections,
    offers_frequency: rules.offersFrequency,
    updated_at: now,
  };
  await tx
    .insertInto('digest_rules')
    .values({ newsletter_id: rules.newsletterId, ...settings })
    .onConflict((conflict) => conflict.column('newsletter_id').doUpdateSet(settings))
    .execute();
}

function toDigestRules(row: Selectable<Database['digest_rules']>): DigestRules {
  return {
    newsletterId: row.newsletter_id,
    approval: row.approval,
    prepareHours: row.prepare_hours,
    deadlinePolicy: row.deadline_policy,
    notifyEditors: row.notify_editors,
    minArticles: row.min_articles,
    fillTo: row.fill_to,
    catchUpHours: row.catch_up_hours,
    layout: row.layout,
    nextIntro: row.next_intro,
    utm: { source: row.utm_source, medium: row.utm_medium, hosts: row.utm_hosts },
    archiveIndexable: row.archive_indexable,
    offersSections: row.offers_sections,
    offersFrequency: row.offers_frequency,
  };
}
