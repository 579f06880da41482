import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SendingLane } from '../jobs/index.ts';
import { isNotNullViolation } from '../platform/postgres/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { CampaignId, SectionId } from '../shared/ids.ts';
import { dueAtQuery } from './due-at.repository.ts';
import type { DuePlan } from './due-at.repository.ts';

/** Rows in one block, at most. Claims cut smaller pieces off it. */
const BLOCK_ROWS = 2000;

export interface AudiencePlan {
  readonly id: CampaignId;
  readonly kind: 'campaign' | 'issue';
  readonly lane: SendingLane;
  readonly newsletterId: number;
  /** The mail that everybody gets, or who gets which. */
  readonly mail: number | MailChoice;
  readonly keyId: number;
  readonly due: DuePlan;
  /** From when a reader is due. */
  readonly giveUpHours: number;
}

/** Which mail readers get by what they chose. */
export interface MailChoice {
  /** By the `key` of a selection; null: nothing, since there is nothing in it for them. */
  readonly mailIds: ReadonlyMap<string, number | null>;
  readonly earlier: EarlierIssues;
}

/** What the readers of a slower frequency may have got already, because they had another one then. */
interface EarlierIssues {
  readonly campaignIds: readonly CampaignId[];
  readonly frequencies: readonly SlowerFrequency[];
}

type SlowerFrequency = 'weekly' | 'monthly';

/** What some readers of a newsletter have in common: what they chose, and which mails of earlier issues they got. */
interface Selection {
  readonly key: string;
  /** Null: all. */
  readonly sectionIds: readonly SectionId[] | null;
  /** Null: every issue. */
  readonly frequency: SlowerFrequency | null;
  readonly sent: readonly { readonly campaignId: number; readonly compiledMailId: number }[];
}

/** Those who are mailed at this moment, over the aliases `n` (subscriptions) and `s` (subscribers). */
function inAudience(newsletterId: number, now: Date): RawBuilder<boolean> {
  return sql<boolean>`n.newsletter_id = ${newsletterId} and n.status = 'active'
    and (n.paused_until is null or n.paused_until <= ${now})
    and not exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null)`;
}

/** The earlier mails of a reader of a slower frequency, as `campaign:mail,…`; nobody else's are looked up. */
function sentExpression({ campaignIds, frequencies }: EarlierIssues): RawBuilder<string> {
  return campaignIds.length === 0
    ? sql<string>`''`
    : sql<string>`coalesce((select string_agg(d.campaign_id || ':' || d.compiled_mail_id, ',' order by d.campaign_id) from deliveries d
        where n.frequency = any(${frequencies}::text[]) and d.subscriber_id = n.subscriber_id and d.campaign_id = any(${campaignIds}::bigint[])
          and d.state not in ('rejected', 'suppressed', 'cancelled')), '')`;
}

function keyExpression(earlier: EarlierIssues): RawBuilder<string> {
  return sql<string>`coalesce(n.section_ids::text, '') || '/' || coalesce(n.frequency, '') || '/' || ${sentExpression(earlier)}`;
}

/** Each distinct selection among the active subscriptions of a newsletter: as many as readers have made different ones. */
export async function listSelections(
  db: DbOrTx,
  newsletterId: number,
  earlier: EarlierIssues,
): Promise<readonly Selection[]> {
  const { rows } = await sql<{ key: string; section_ids: SectionId[] | null; frequency: SlowerFrequency | null }>`
    select ${keyExpression(earlier)} as key, n.section_ids, n.frequency from subscriptions n
    where n.newsletter_id = ${newsletterId} and n.status = 'active' group by 1, 2, 3 order by 1`.execute(db);
  return rows.map(({ key, section_ids: sectionIds, frequency }) => ({
    key,
    sectionIds,
    frequency,
    sent: readSent(key.slice(key.lastIndexOf('/') + 1)),
  }));
}

function readSent(text: string): Selection['sent'] {
  return text === ''
    ? []
    : text.split(',').map((pair) => {
        const [campaignId = Number.NaN, compiledMailId = Number.NaN] = pair.split(':').map(Number);
        return { campaignId, compiledMailId };
      });
}

/**
 * Freezes the audience with one statement: everybody with an active subscription that is not paused and no suppression at this
 * moment, and the blocks that make them due. The unique index on (campaign, subscriber) refuses a second run.
 * @returns how many were inserted, and how many the blocks cover; undefined where somebody has a selection that `mail` does
 * not know, since they chose after it was listed: then nothing is inserted and the transaction has failed
 */
export async function insertAudience(
  db: DbOrTx,
  campaign: AudiencePlan,
): Promise<{ readonly audience: number; readonly covered: number } | undefined> {
  const { now } = campaign.due;
  const { mailId, join, isChosen } = mailFragments(campaign.mail);
  try {
    const { rows } = await sql<{ audience: number; covered: number }>`
      with frozen as (
        insert into deliveries (kind, address, key_id, compiled_mail_id, campaign_id, subscriber_id, subscription_id, reader_name, reader_locale,
                                due_at, give_up_at, created_at)
        select ${campaign.kind}, s.address, ${campaign.keyId}::smallint, ${mailId},
               ${campaign.id}::bigint, s.id, n.id, s.name, s.locale, due.at, due.at + make_interval(hours => ${campaign.giveUpHours}), ${now}
        from subscriptions n
        join subscribers s on s.id = n.subscriber_id
        ${join}
        cross join lateral (${dueAtQuery(campaign.due)}) due
        where ${inAudience(campaign.newsletterId, now)} ${isChosen}
        order by due.at, ${mailId} nulls first, n.subscriber_id
        returning id, due_at
      ),
      block as (
        insert into delivery_blocks (lane, campaign_id, first_id, last_id, due_at)
        select ${campaign.lane}, ${campaign.id}::bigint, min(id), max(id), due_at from frozen group by due_at, id / ${sql.lit(BLOCK_ROWS)}
        order by due_at, min(id)
        returning last_id - first_id + 1 as size
      )
      select (select count(*) from frozen) as audience, (select coalesce(sum(size), 0)::bigint from block) as covered`.execute(
      db,
    );
    return rows[0] ?? { audience: 0, covered: 0 };
  } catch (error) {
    if (isNotNullViolation(error, 'compiled_mail_id')) {
      return undefined;
    }
    throw error;
  }
}

interface MailFragments {
  readonly mailId: RawBuilder<number | null>;
  readonly join: RawBuilder<unknown>;
  readonly isChosen: RawBuilder<unknown>;
}

/** An unknown selection has no mail, and a delivery without one is refused by its table, which comes first. Mails in a row: workers hold few of them. */
function mailFragments(mail: AudiencePlan['mail']): MailFragments {
  if (typeof mail === 'number') {
    return { mailId: sql<number>`${mail}::bigint`, join: sql``, isChosen: sql`` };
  }
  const choices = JSON.stringify([...mail.mailIds].map(([key, mailId]) => ({ key, mail_id: mailId })));
  return {
    mailId: sql<number | null>`choice.mail_id`,
    join: sql`left join jsonb_to_recordset(${choices}::jsonb) as choice (key text, mail_id bigint) on choice.key = ${keyExpression(mail.earlier)}`,
    isChosen: sql`and (choice.key is null or choice.mail_id is not null)`,
  };
}

/** The rows of a campaign, counted one by one. */
export async function countFrozen(db: DbOrTx, campaignId: CampaignId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from deliveries where campaign_id = ${campaignId}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** How many would be mailed if the campaign were frozen now. */
export async function countAudience(db: DbOrTx, newsletterId: number, now: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from subscriptions n join subscribers s on s.id = n.subscriber_id
    where ${inAudience(newsletterId, now)}`.execute(db);
  return rows[0]?.count ?? 0;
}
