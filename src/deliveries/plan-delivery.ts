import type { NewsletterId, SubscriberId } from '../shared/ids.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { storeCompiledMail } from './compiled-mail.repository.ts';
import type { StoredMail } from './compiled-mail.repository.ts';
import { GIVE_UP_HOURS } from './delivery.ts';
import type { DeliveryKind } from './delivery.ts';
import { insertDeliveries } from './deliveries.repository.ts';

export interface PlannedMail {
  readonly kind: Exclude<DeliveryKind, 'campaign' | 'issue'>;
  /** The row that asked for the mail; its id comes from the sequence `cause_ids`. */
  readonly causeId: number;
  readonly address: string;
  readonly subscriberId: SubscriberId | null;
  readonly newsletterId: NewsletterId | null;
  readonly compiledMailId: number;
}

export interface TransactionalMail extends Omit<PlannedMail, 'compiledMailId'> {
  readonly mail: StoredMail;
}

interface PlanDeps {
  readonly db: DbOrTx;
  readonly clock: Clock;
  readonly keyring: Keyring;
}

/**
 * Plans one transactional mail. Idempotent: a second call for the same (kind, cause) changes nothing. Call it in the
 * transaction that makes the cause, then ring `send-transactional` after the commit.
 */
export async function planDelivery(deps: PlanDeps, { mail, ...plan }: TransactionalMail): Promise<void> {
  const compiledMailId = await storeCompiledMail(deps.db, mail, deps.clock.now());
  await planDeliveries(deps, [{ ...plan, compiledMailId }]);
}

/** The same for many, whose mails are stored already. */
export async function planDeliveries(deps: PlanDeps, plans: readonly PlannedMail[]): Promise<void> {
  const now = deps.clock.now();
  await insertDeliveries(
    deps.db,
    plans.map((plan) => ({
      kind: plan.kind,
      address: plan.address,
      key_id: deps.keyring.signingKeyId,
      compiled_mail_id: plan.compiledMailId,
      subscriber_id: plan.subscriberId,
      newsletter_id: plan.newsletterId,
      cause_id: plan.causeId,
      due_at: now,
      give_up_at: new Date(now.getTime() + GIVE_UP_HOURS[plan.kind] * 3_600_000),
      created_at: now,
    })),
  );
}
