import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError, conflict } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { NEWS_DELAY_MS } from './dkim-key.ts';
import type { DkimKey } from './dkim-key.ts';
import { selectDkimKeys, updateRetired } from './dkim-keys.repository.ts';

/**
 * From ten seconds from now on the key signs no mail that is made anew; those made before, and their retries, still go out with it.
 * @throws AppError `dkim_key_unknown`, `dkim_key_retired`
 */
export async function retireDkimKey(
  deps: { readonly db: Db; readonly clock: Clock },
  wanted: { readonly domain: string; readonly selector: string; readonly actor: Actor },
): Promise<DkimKey> {
  const domain = wanted.domain.toLowerCase();
  const selector = wanted.selector.toLowerCase();
  const retiredAt = new Date(deps.clock.now().getTime() + NEWS_DELAY_MS);
  return deps.db.transaction().execute(async (tx) => {
    const key = await updateRetired(tx, { domain, selector, retiredAt });
    if (key === undefined) {
      const known = (await selectDkimKeys(tx)).some((one) => one.domain === domain && one.selector === selector);
      throw known
        ? conflict('dkim_key_retired', `the key ${selector} of ${domain} is retired already`)
        : new AppError('not_found', 'dkim_key_unknown', `${domain} has no key ${selector}; see: courant dkim list`);
    }
    await recordAudit(tx, {
      actor: wanted.actor,
      action: 'dkim-key.retired',
      subjectKind: 'dkim-key',
      subjectId: key.id,
      details: { domain, selector, retiredAt: retiredAt.toISOString() },
    });
    return key;
  });
}
