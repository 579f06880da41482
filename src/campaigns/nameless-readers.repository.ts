import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { NewsletterId, SubscriberId } from '../shared/ids.ts';

/** Nothing in it that a mail could print: what rendering takes for no name. */
const NAMELESS = sql`coalesce(s.name, '') !~ '[^[:space:][:cntrl:]\\u00a0\\u1680\\u2000-\\u200a\\u2028-\\u202f\\u205f\\u2066-\\u2069\\u3000\\ufeff]'`;

export interface NamelessReader {
  readonly subscriberId: SubscriberId;
  readonly address: string;
}

/** Everybody without a name who would be in the audience at this moment, see `insertAudience`. */
function namelessReaders(newsletterId: NewsletterId, now: Date): RawBuilder<unknown> {
  return sql`subscriptions n join subscribers s on s.id = n.subscriber_id
    where n.newsletter_id = ${newsletterId} and n.status = 'active' and ${NAMELESS}
      and (n.paused_until is null or n.paused_until <= ${now})
      and not exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null)`;
}

/** How many they are in each language; null: they chose none. One statement, however many there are. */
export async function countNamelessReaders(
  db: DbOrTx,
  newsletterId: NewsletterId,
  now: Date,
): Promise<readonly { readonly locale: string | null; readonly count: number }[]> {
  const { rows } = await sql<{ locale: string | null; count: number }>`
    select s.locale, count(*) as count from ${namelessReaders(newsletterId, now)} group by s.locale`.execute(db);
  return rows;
}

/** Those of some languages, in the order in which they came. */
export async function selectNamelessReaders(
  db: DbOrTx,
  page: {
    readonly newsletterId: NewsletterId;
    readonly locales: readonly (string | null)[];
    readonly now: Date;
    readonly after: SubscriberId | undefined;
    readonly limit: number;
  },
): Promise<readonly NamelessReader[]> {
  const named = page.locales.filter((locale) => locale !== null);
  const { rows } = await sql<NamelessReader>`
    select s.id as "subscriberId", s.address from ${namelessReaders(page.newsletterId, page.now)}
      and (s.locale = any(${named}::text[]) or (s.locale is null and ${page.locales.includes(null)}))
      and n.subscriber_id > ${page.after ?? 0}
    order by n.subscriber_id limit ${page.limit}`.execute(db);
  return rows;
}
