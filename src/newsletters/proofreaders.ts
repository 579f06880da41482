import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { requireNewsletter } from './find-newsletter.ts';
import { deleteProofreader, insertProofreader } from './newsletters.repository.ts';

/**
 * Lets test mails of the newsletter go to this address.
 * @throws AppError `newsletter_not_found`, `proofreader_exists`.
 */
export async function addProofreader(
  deps: { readonly db: Db; readonly clock: Clock },
  newsletterId: NewsletterId,
  { address, key }: ParsedAddress,
  actor: Actor,
): Promise<void> {
  await requireNewsletter(deps.db, { id: newsletterId });
  const row = { newsletter_id: newsletterId, address, address_key: key, added_at: deps.clock.now() };
  await deps.db.transaction().execute(async (tx) => {
    if (!(await insertProofreader(tx, row))) {
      throw conflict('proofreader_exists', 'This address is a proofreader already.');
    }
    await recordAudit(tx, {
      actor,
      action: 'proofreader.added',
      subjectKind: 'newsletter',
      subjectId: newsletterId,
    });
  });
}

/** @throws AppError `proofreader_not_found`. */
export async function removeProofreader(
  deps: { readonly db: Db },
  newsletterId: NewsletterId,
  { key }: ParsedAddress,
  actor: Actor,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    if (!(await deleteProofreader(tx, newsletterId, key))) {
      throw notFound('proofreader_not_found', 'This address is not a proofreader of the newsletter.');
    }
    await recordAudit(tx, {
      actor,
      action: 'proofreader.removed',
      subjectKind: 'newsletter',
      subjectId: newsletterId,
    });
  });
}
