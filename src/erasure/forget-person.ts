import { hasEverConsented, PERSONAL_FIELDS, recordConsent, recordErased } from '../consent/index.ts';
import type { ConsentMethod, PersonalField } from '../consent/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { evidenceEndsAt } from './evidence-period.ts';
import {
  blankDeliveries,
  blankTests,
  deleteInboxMails,
  deletePerson,
  insertErasure,
  lockPerson,
  readLastWithdrawal,
  restrictAddresses,
} from './erasure.repository.ts';

/** Why somebody is forgotten: they asked, said that it was not them, never confirmed, or left so long ago that no claim can come. */
export const FORGET_REASONS = ['asked', 'not-me', 'never-confirmed', 'evidence-over'] as const;
export type ForgetReason = (typeof FORGET_REASONS)[number];

export interface Forgetting {
  readonly subscriberId: SubscriberId;
  readonly reason: ForgetReason;
  readonly method: ConsentMethod;
  /** As in consent records. */
  readonly actor: string;
  readonly at: Date;
}

export type Forgotten =
  /** There is no such person, or not any more. */
  { readonly kind: 'gone' } | { readonly kind: 'forgotten'; readonly evidenceUntil: Date | null };

/**
 * Takes a person out of every table, in the caller's transaction; what the law wants suppressed or withdrawn is written by the
 * caller before. Somebody who never consented leaves nothing but counts. Of somebody who did, mails went out on the ground of
 * a declaration that must stay provable (GDPR 17(3)(e)): the address behind their records stays, restricted, until claims have
 * lapsed; networks and browsers go at once. Mails that are due are cancelled; one that a worker has in its hands is turned
 * back by the gate, which no longer finds its reader.
 */
export async function forgetPerson(
  deps: { readonly db: Tx; readonly random: Random },
  forgetting: Forgetting,
): Promise<Forgotten> {
  const { db: tx } = deps;
  const { subscriberId, at } = forgetting;
  const person = await lockPerson(tx, subscriberId);
  if (person === undefined) {
    return { kind: 'gone' };
  }
  const isEvidenceKept = await hasEverConsented(tx, subscriberId);
  const evidenceUntil = isEvidenceKept ? evidenceEndsAt((await readLastWithdrawal(tx, subscriberId)) ?? at) : null;
  await blankDeliveries(tx, subscriberId, at);
  await blankTests(tx, person, at);
  await deleteInboxMails(tx, person);
  await eraseValues(deps, forgetting, isEvidenceKept);
  if (evidenceUntil !== null) {
    await restrictAddresses(tx, subscriberId, at);
    await insertErasure(tx, { ...person, subscriberId, erasedAt: at, evidenceUntil });
  }
  await deletePerson(tx, subscriberId);
  return { kind: 'forgotten', evidenceUntil };
}

/** Who declared it, and what an import rests on: without these a record proves nothing. A network or a browser proves little. */
const KEPT_AS_EVIDENCE: ReadonlySet<PersonalField> = new Set(['address', 'evidence']);

/** The values behind the records go, with a record of it even where there was none left: the person asked, and it was done. */
async function eraseValues(
  deps: { readonly db: Tx; readonly random: Random },
  { subscriberId, reason, method, actor, at }: Forgetting,
  isEvidenceKept: boolean,
): Promise<void> {
  const fields = PERSONAL_FIELDS.filter((field) => !isEvidenceKept || !KEPT_AS_EVIDENCE.has(field));
  const erasedOf = await recordErased(deps.db, {
    subscriberIds: [subscriberId],
    fields,
    reason,
    method,
    actor,
    at,
  });
  if (erasedOf.length === 0) {
    await recordConsent(deps, {
      action: 'erased',
      subscriberId,
      newsletterIds: null,
      address: null,
      at,
      method,
      actor,
      ip: null,
      agent: null,
      details: { fields: [], reason },
    });
  }
}
