import type { DbOrTx } from '../platform/postgres/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { Newsletter } from './newsletter.ts';
import { selectNewsletter } from './newsletters.repository.ts';
import type { NewsletterKey } from './newsletters.repository.ts';

/** @throws AppError `newsletter_not_found`. */
export async function requireNewsletter(db: DbOrTx, key: NewsletterKey): Promise<Newsletter> {
  const newsletter = await selectNewsletter(db, key);
  if (newsletter === undefined) {
    throw notFound('newsletter_not_found', 'There is no such newsletter.');
  }
  return newsletter;
}
