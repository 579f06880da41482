import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { CampaignId, DeliveryId, SubscriberId } from '../shared/ids.ts';
import type { DeliveryState } from './delivery.ts';

/** What a list of recipients may be narrowed to: the parts of the sum, and of the open ones those that are tried again later. */
export const RECIPIENT_FILTERS = [
  'accepted',
  'open',
  'deferred',
  'rejected',
  'suppressed',
  'ambiguous',
  'cancelled',
] as const;
export type RecipientFilter = (typeof RECIPIENT_FILTERS)[number];

export interface Recipient {
  readonly deliveryId: DeliveryId;
  readonly subscriberId: SubscriberId;
  /** As the mail was addressed; empty once the reader was erased. */
  readonly address: string;
  readonly state: DeliveryState;
  /** Stable code: why it is not accepted. */
  readonly reason: string | null;
  readonly attempt: number;
  readonly replyCode: number | null;
  readonly enhancedCode: string | null;
  /** The server's words at the last attempt. Untrusted: escape wherever shown (S9). */
  readonly serverWords: string | null;
  /** When the last attempt that was finished reached its final dot. */
  readonly dotAt: Date | null;
  readonly settledAt: Date | null;
  /** When it is tried next; null once it is settled. */
  readonly dueAt: Date | null;
}

const COLUMNS = sql`d.id as "deliveryId", d.subscriber_id as "subscriberId", d.address, d.state, d.reason, d.attempt,
  d.reply_code as "replyCode", d.enhanced_code as "enhancedCode", said.words as "serverWords", d.dot_at as "dotAt", d.settled_at as "settledAt",
  case when d.settled_at is null then d.due_at end as "dueAt"`;

const SAID = sql`left join lateral (
    select e.reply_text as words from delivery_events e
    where e.delivery_id = d.id and e.attempt = d.attempt and e.reply_text is not null and d.state <> 'accepted'
    order by e.id desc limit 1
  ) said on true`;

/**
 * One page of the frozen audience by subscriber id, whatever its size: no row is counted and none skipped over. Rare states are found
 * by going through the audience, since no index of `deliveries` may hold what changes while a mail is sent; ambiguous ones by
 * their events.
 */
export async function listRecipients(
  db: DbOrTx,
  page: {
    readonly campaignId: CampaignId;
    readonly state: RecipientFilter | undefined;
    readonly after: SubscriberId | undefined;
    readonly limit: number;
  },
): Promise<readonly Recipient[]> {
  const { rows } = await sql<Recipient>`
    select ${COLUMNS} from (
      select * from deliveries d
      where d.campaign_id = ${page.campaignId} and d.subscriber_id > ${page.after ?? 0} and ${isIn(page.state)}
      order by d.subscriber_id limit ${page.limit}
    ) d ${SAID} order by d.subscriber_id`.execute(db);
  return rows;
}

function isIn(state: RecipientFilter | undefined): RawBuilder<unknown> {
  if (state === undefined) {
    return sql`true`;
  }
  if (state === 'open') {
    return sql`d.state in ('planned', 'dot_pending', 'deferred')`;
  }
  return state === 'ambiguous'
    ? sql`d.state = 'ambiguous' and d.id = any(array(select delivery_id from delivery_events where event = 'ambiguous'))`
    : sql`d.state = ${state}`;
}

/** Whoever has this address now, or to whom a mail of this campaign was addressed so. */
export async function findRecipients(
  db: DbOrTx,
  campaignId: CampaignId,
  address: ParsedAddress,
): Promise<readonly Recipient[]> {
  const find = async (condition: RawBuilder<unknown>): Promise<readonly Recipient[]> => {
    const query = sql<Recipient>`select ${COLUMNS} from deliveries d ${SAID} where d.campaign_id = ${campaignId} and ${condition}`;
    return (await query.execute(db)).rows;
  };
  const known = await find(
    sql`d.subscriber_id = (select s.id from subscribers s where s.address_key = ${address.key})`,
  );
  // Their address is another one by now: only the rows themselves know the old one.
  return known.length > 0 ? known : find(sql`d.address = ${address.address}`);
}

export interface RecipientStory extends Recipient {
  readonly createdAt: Date;
  readonly giveUpAt: Date;
  readonly events: readonly {
    readonly attempt: number;
    readonly event: string;
    readonly replyCode: number | null;
    readonly enhancedCode: string | null;
    readonly serverWords: string | null;
    readonly resolution: string | null;
    readonly source: string | null;
    readonly occurredAt: Date;
  }[];
}

/** One delivery of a campaign, and what happened on its way, oldest first. */
export async function findRecipientStory(
  db: DbOrTx,
  campaignId: CampaignId,
  id: DeliveryId,
): Promise<RecipientStory | undefined> {
  const { rows } = await sql<Omit<RecipientStory, 'events'>>`
    select ${COLUMNS}, d.created_at as "createdAt", d.give_up_at as "giveUpAt"
    from deliveries d ${SAID} where d.id = ${id} and d.campaign_id = ${campaignId}`.execute(db);
  const [row] = rows;
  if (row === undefined) {
    return undefined;
  }
  const events = await db
    .selectFrom('delivery_events')
    .select(['attempt', 'event', 'reply_code as replyCode', 'enhanced_code as enhancedCode'])
    .select(['reply_text as serverWords', 'resolution', 'source', 'occurred_at as occurredAt'])
    .where('delivery_id', '=', id)
    .orderBy('id')
    .execute();
  return { ...row, events };
}
