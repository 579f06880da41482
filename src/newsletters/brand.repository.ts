import type { Selectable } from 'kysely';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { defaultBrand } from './brand.ts';
import type { Brand } from './brand.ts';

/** Ours for a newsletter without any. */
export async function selectBrand(db: DbOrTx, newsletterId: NewsletterId): Promise<Brand> {
  const row = await db
    .selectFrom('newsletter_brands')
    .selectAll()
    .where('newsletter_id', '=', newsletterId)
    .executeTakeFirst();
  return row === undefined ? defaultBrand(newsletterId) : toBrand(row);
}

/** Of those that have one. */
export async function selectBrands(
  db: DbOrTx,
  newsletterIds: readonly NewsletterId[],
): Promise<ReadonlyMap<NewsletterId, Brand>> {
  const rows = await db
    .selectFrom('newsletter_brands')
    .selectAll()
    .where('newsletter_id', 'in', newsletterIds)
    .execute();
  return new Map(rows.map((row) => [row.newsletter_id, toBrand(row)]));
}

export async function upsertBrand(tx: Tx, brand: Brand, now: Date): Promise<void> {
  const look = {
    logo_url: brand.logoUrl,
    logo_alt: brand.logoAlt,
    logo_width: brand.logoWidth,
    accent_color: brand.accentColor,
    background_color: brand.backgroundColor,
    font: brand.font,
    footer_text: brand.footerText,
    updated_at: now,
  };
  await tx
    .insertInto('newsletter_brands')
    .values({ newsletter_id: brand.newsletterId, ...look })
    .onConflict((conflict) => conflict.column('newsletter_id').doUpdateSet(look))
    .execute();
}

function toBrand(row: Selectable<Database['newsletter_brands']>): Brand {
  return {
    newsletterId: row.newsletter_id,
    logoUrl: row.logo_url,
    logoAlt: row.logo_alt,
    logoWidth: row.logo_width,
    accentColor: row.accent_color,
    backgroundColor: row.background_color,
    font: row.font,
    footerText: row.footer_text,
  };
}
