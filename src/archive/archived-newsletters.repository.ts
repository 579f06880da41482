import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ArchivedNewsletter } from './archived-newsletter.ts';

/** All that are public, or the one of this slug: in one statement, since the archive is what strangers and crawlers read. */
export async function selectArchivedNewsletters(db: DbOrTx, slug?: string): Promise<readonly ArchivedNewsletter[]> {
  const rows = await db
    .selectFrom('newsletters as n')
    .leftJoin('digest_rules as r', 'r.newsletter_id', 'n.id')
    .leftJoin('newsletter_brands as b', 'b.newsletter_id', 'n.id')
    .select(['n.id', 'n.slug', 'n.name', 'n.description', 'n.locale', 'n.time_zone', 'n.cron', 'n.created_at'])
    .select(['r.archive_indexable', 'b.logo_url', 'b.logo_alt', 'b.logo_width', 'b.accent_color'])
    .select(['b.background_color', 'b.font'])
    .where('n.is_public', '=', true)
    .$if(slug !== undefined, (query) => query.where('n.slug', '=', slug ?? ''))
    .orderBy('n.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    locale: row.locale,
    timeZone: row.time_zone,
    cron: row.cron,
    createdAt: row.created_at,
    isIndexable: row.archive_indexable ?? true,
    brand: {
      logoUrl: row.logo_url,
      logoAlt: row.logo_alt ?? '',
      logoWidth: row.logo_width,
      accentColor: row.accent_color,
      backgroundColor: row.background_color,
      isSans: row.font === 'sans',
    },
  }));
}
