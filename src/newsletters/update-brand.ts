import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { selectBrand, upsertBrand } from './brand.repository.ts';
import type { Brand } from './brand.ts';
import type { BrandChanges } from './digest-settings-input.ts';
import { requireNewsletter } from './find-newsletter.ts';
import { lockNewsletter } from './newsletters.repository.ts';

/**
 * Counts for mails that are compiled from now on.
 * @throws AppError `newsletter_not_found`.
 */
export async function updateBrand(
  deps: { readonly db: Db; readonly clock: Clock },
  newsletterId: NewsletterId,
  changes: BrandChanges,
  actor: Actor,
): Promise<Brand> {
  return deps.db.transaction().execute(async (tx) => {
    await lockNewsletter(tx, newsletterId);
    await requireNewsletter(tx, { id: newsletterId });
    const before = await selectBrand(tx, newsletterId);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const after: Brand = { ...before, ...given };
    await upsertBrand(tx, after, deps.clock.now());
    await recordAudit(tx, {
      actor,
      action: 'newsletter.brand_updated',
      subjectKind: 'newsletter',
      subjectId: newsletterId,
      details: { fields: Object.keys(given) },
    });
    return after;
  });
}
