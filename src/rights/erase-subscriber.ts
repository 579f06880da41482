import { recordAudit } from '../audit/index.ts';
import { recordConsent } from '../consent/index.ts';
import type { ConsentMethod } from '../consent/index.ts';
import { forgetPerson } from '../erasure/index.ts';
import { isRolledBack } from '../platform/postgres/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { suppressSubscribers } from '../suppressions/index.ts';
import { giveWayToOthers, lockSubscriptions } from './erase-subscriber.repository.ts';

export interface EraseDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Erasure {
  readonly subscriberId: SubscriberId;
  /** `subscriber`: the person. Anybody else is written to the audit log as well. */
  readonly actor: Actor | 'subscriber';
  readonly method: ConsentMethod;
}

export type ErasureOutcome =
  | { readonly kind: 'erased'; readonly evidenceUntil: Date | null }
  /** Nobody has this id, or not any more: erasing twice is fine. */
  | { readonly kind: 'gone' };

const MOST_TRIES = 20;

/**
 * The right to be forgotten (GDPR 17), whoever asks for the person. One transaction: subscriptions that had not ended are recorded
 * as withdrawn, the address stays as a keyed hash among the suppressions, so that no import, API or form brings it back, and
 * everything else goes as `forgetPerson` says. Only a confirmation that the owner clicks lifts that suppression. The network and
 * browser of whoever asked are not kept, since they would be erased in the same moment.
 */
export async function eraseSubscriber(deps: EraseDeps, erasure: Erasure): Promise<ErasureOutcome> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await deps.db.transaction().execute((tx) => erase(deps, tx, erasure));
    } catch (error) {
      // A worker or a form had rows of this person in its hands. It is done in a moment, and must not be the one to fail.
      if (!isRolledBack(error) || tries === MOST_TRIES) {
        throw error;
      }
    }
  }
}

async function erase(deps: EraseDeps, tx: Tx, { subscriberId, actor, method }: Erasure): Promise<ErasureOutcome> {
  const at = deps.clock.now();
  const label = actor === 'subscriber' ? actor : actor.label;
  await giveWayToOthers(tx);
  const subscriptions = await lockSubscriptions(tx, subscriberId);
  if (subscriptions === undefined) {
    return { kind: 'gone' };
  }
  await recordConsent(
    { db: tx, random: deps.random },
    {
      action: 'withdrawn',
      subscriberId,
      newsletterIds: subscriptions.openNewsletterIds,
      address: subscriptions.address,
      at,
      method,
      actor: label,
      ip: null,
      agent: null,
    },
  );
  await suppressSubscribers(tx, { subscriberIds: [subscriberId], reason: 'erasure', source: label, now: at });
  const forgotten = await forgetPerson(
    { db: tx, random: deps.random },
    { subscriberId, reason: 'asked', method, actor: label, at },
  );
  if (forgotten.kind === 'gone') {
    return forgotten;
  }
  const { evidenceUntil } = forgotten;
  if (actor !== 'subscriber') {
    await recordAudit(tx, {
      actor,
      action: 'subscriber.erased',
      subjectKind: 'subscriber',
      subjectId: subscriberId,
      details: { evidenceUntil },
    });
  }
  return { kind: 'erased', evidenceUntil };
}
