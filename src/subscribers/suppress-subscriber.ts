import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { endSubscriptions } from '../subscriptions/index.ts';
import { suppressSubscribers } from '../suppressions/index.ts';
import type { SubscriberSummary } from './subscriber.ts';

interface SubscriberDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
}

/** Closes the address to every mail of ours until somebody lifts it by hand. Idempotent. */
export async function suppressSubscriber(
  deps: SubscriberDeps,
  subscriber: SubscriberSummary,
  actor: Actor,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    await suppressSubscribers(tx, {
      subscriberIds: [subscriber.id],
      reason: 'manual',
      source: actor.label,
      now: deps.clock.now(),
    });
    await recordAudit(tx, {
      actor,
      action: 'subscriber.suppressed',
      subjectKind: 'subscriber',
      subjectId: subscriber.id,
      details: {},
    });
  });
}

/** For a reader who asked by other means; recorded as a withdrawal with the admin as actor. `undefined`: every newsletter. */
export async function unsubscribeSubscriber(
  deps: SubscriberDeps,
  subscriber: SubscriberSummary,
  newsletterId: NewsletterId | undefined,
  actor: Actor,
): Promise<number> {
  return endSubscriptions(deps, { subscriberId: subscriber.id, address: subscriber.address }, newsletterId ?? null, {
    method: 'admin',
    actor: actor.label,
    ip: null,
    agent: null,
  });
}
