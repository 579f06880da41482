import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';

/** A newsletter that was asked for and not confirmed while the link worked. */
export interface Expiration {
  readonly subscriberId: SubscriberId;
  readonly newsletterId: NewsletterId;
  readonly signupRequestId: SignupRequestId;
}

/** One `expired` record each, in the transaction that closes the requests. Nobody declared anything, so no value of the person. */
export async function recordExpired(db: DbOrTx, expirations: readonly Expiration[], now: Date): Promise<void> {
  if (expirations.length > 0) {
    await sql`
      insert into consent_records (action, purpose, subscriber_id, newsletter_id, signup_request_id, method, actor, occurred_at)
      select 'expired', 'newsletter', t.subscriber_id, t.newsletter_id, t.request_id, 'system', 'system', ${now}
      from unnest(${expirations.map(({ subscriberId }) => subscriberId)}::bigint[], ${expirations.map(({ newsletterId }) => newsletterId)}::bigint[],
        ${expirations.map(({ signupRequestId }) => signupRequestId)}::bigint[]) as t(subscriber_id, newsletter_id, request_id)
      order by t.request_id, t.newsletter_id`.execute(db);
  }
}
