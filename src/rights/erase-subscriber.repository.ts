import { sql } from 'kysely';
import type { Tx } from '../platform/postgres/index.ts';
import type { NewsletterId, SubscriberId } from '../shared/ids.ts';

/**
 * An erasure touches rows that workers and forms lock in other orders. PostgreSQL looks for a deadlock after a second and ends
 * whoever looks first; giving up before that makes sure that it is always the erasure, which tries again.
 */
export async function giveWayToOthers(tx: Tx): Promise<void> {
  await sql`set local lock_timeout = '500ms'`.execute(tx);
}

export interface OpenSubscriptions {
  readonly address: string;
  readonly openNewsletterIds: readonly NewsletterId[];
}

/** Locks the person. Undefined for nobody. */
export async function lockSubscriptions(tx: Tx, subscriberId: SubscriberId): Promise<OpenSubscriptions | undefined> {
  const { rows } = await sql<{ address: string }>`
    select address from subscribers where id = ${subscriberId} for update`.execute(tx);
  const [person] = rows;
  if (person === undefined) {
    return undefined;
  }
  const open = await sql<{ newsletterId: NewsletterId }>`
    select newsletter_id as "newsletterId" from subscriptions
    where subscriber_id = ${subscriberId} and status <> 'unsubscribed' order by id for update`.execute(tx);
  return { address: person.address, openNewsletterIds: open.rows.map((row) => row.newsletterId) };
}
