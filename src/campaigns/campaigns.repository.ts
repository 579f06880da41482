import { sql } from 'kysely';
import type { Insertable, SelectQueryBuilder, Selectable, Updateable } from 'kysely';
import type { Database, Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { CampaignId, NewsletterId } from '../shared/ids.ts';
import type { SendWindow } from '../shared/send-window.ts';
import type { Campaign } from './campaign.ts';

type CampaignUpdate = Omit<Updateable<Database['campaigns']>, 'id' | 'kind' | 'issue_id'>;
type CampaignRow = Selectable<Database['campaigns']> & { readonly newsletter_name: string };

export async function insertCampaign(db: DbOrTx, row: Insertable<Database['campaigns']>): Promise<CampaignId> {
  return (await db.insertInto('campaigns').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

export async function selectCampaign(db: DbOrTx, id: CampaignId): Promise<Campaign | undefined> {
  const row = await campaignRows(db).where('c.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toCampaign(row);
}

/**
 * Until the transaction ends nobody else moves this campaign; its deliveries and counts, which refer to it, may still change. `compiledMailId`
 * is what it was sent with.
 */
export async function lockCampaign(
  tx: Tx,
  id: CampaignId,
): Promise<(Campaign & { readonly compiledMailId: number | null; readonly resendsAmbiguous: boolean }) | undefined> {
  const row = await campaignRows(tx).where('c.id', '=', id).forNoKeyUpdate('c').executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        ...toCampaign(row),
        compiledMailId: row.compiled_mail_id,
        resendsAmbiguous: row.ambiguous_policy === 'resend',
      };
}

/** What a scheduled campaign was sent with; null for a draft. */
export async function selectCompiledMailId(db: DbOrTx, id: CampaignId): Promise<number | null> {
  const row = await db.selectFrom('campaigns').select('compiled_mail_id').where('id', '=', id).executeTakeFirst();
  return row?.compiled_mail_id ?? null;
}

/** Newest first. `before` is the id after which the page begins. */
export async function selectCampaigns(
  db: DbOrTx,
  page: { readonly before: CampaignId | undefined; readonly limit: number },
): Promise<readonly Campaign[]> {
  let query = campaignRows(db).orderBy('c.id', 'desc').limit(page.limit);
  if (page.before !== undefined) {
    query = query.where('c.id', '<', page.before);
  }
  return (await query.execute()).map(toCampaign);
}

export async function updateCampaignRow(tx: Tx, id: CampaignId, row: CampaignUpdate): Promise<void> {
  await tx.updateTable('campaigns').set(row).where('id', '=', id).execute();
}

export async function deleteCampaignRow(tx: Tx, id: CampaignId): Promise<void> {
  await tx.deleteFrom('campaigns').where('id', '=', id).execute();
}

/** Says on the campaign why it is due and does not start. It stays scheduled and is tried again, see `listDueCampaigns`. */
export async function recordStop(
  db: Db,
  id: CampaignId,
  stop: { readonly code: string; readonly message: string; readonly now: Date },
): Promise<void> {
  await db
    .updateTable('campaigns')
    .set({ stop_code: stop.code, stop_message: stop.message, updated_at: stop.now })
    .where('id', '=', id)
    .where('status', '=', 'scheduled')
    .execute();
}

const RETRY_STOPPED_MS = 60_000;

/** Scheduled campaigns whose time has come. One that something stopped is due again each minute. */
export async function listDueCampaigns(db: Db, now: Date): Promise<readonly CampaignId[]> {
  const rows = await db
    .selectFrom('campaigns')
    .select('id')
    .where('status', '=', 'scheduled')
    .where('start_at', '<=', now)
    .where((eb) =>
      eb.or([eb('stop_code', 'is', null), eb('updated_at', '<=', new Date(now.getTime() - RETRY_STOPPED_MS))]),
    )
    .orderBy('start_at')
    .execute();
  return rows.map((row) => row.id);
}

/** Cancelled campaigns of which a worker had claimed deliveries at that moment: `settle-campaign` finishes them. */
export async function listUnfinishedCancellations(db: Db): Promise<readonly CampaignId[]> {
  const rows = await db
    .selectFrom('campaigns')
    .select('id')
    .where('status', '=', 'cancelled')
    .where('finished_at', 'is', null)
    .execute();
  return rows.map((row) => row.id);
}

/** Freezing or cancelling a million deliveries takes longer than the 30 s that other statements get. */
export async function allowLongStatements(tx: Tx): Promise<void> {
  await sql`set local statement_timeout = '10min'`.execute(tx);
}

export async function insertCampaignTest(tx: Tx, row: Insertable<Database['campaign_tests']>): Promise<number> {
  return (await tx.insertInto('campaign_tests').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

/**
 * The address as an admin proved it or a proofreader is listed, which is what the gate compares with; undefined when a
 * test mail may not go there.
 */
export async function findTestAddress(
  db: DbOrTx,
  newsletterId: NewsletterId,
  key: AddressKey,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('admins')
    .select('address')
    .where('address_key', '=', key)
    .where('verified_at', 'is not', null)
    .unionAll((eb) =>
      eb
        .selectFrom('proofreaders')
        .select('address')
        .where('address_key', '=', key)
        .where('newsletter_id', '=', newsletterId),
    )
    .limit(1)
    .executeTakeFirst();
  return row?.address;
}

function campaignRows(db: DbOrTx): SelectQueryBuilder<Database & { c: Database['campaigns'] }, 'c', CampaignRow> {
  return db
    .selectFrom('campaigns as c')
    .innerJoin('newsletters as n', 'n.id', 'c.newsletter_id')
    .selectAll('c')
    .select('n.name as newsletter_name');
}

function toCampaign(row: CampaignRow): Campaign {
  return {
    id: row.id,
    kind: row.kind,
    newsletterId: row.newsletter_id,
    newsletterName: row.newsletter_name,
    subject: row.subject,
    preheader: row.preheader,
    format: row.source_format,
    source: row.source,
    status: row.status,
    startAt: row.start_at,
    localTime: row.local_time,
    localAt: row.local_at,
    // As the table's check has it.
    sendWindow: row.send_window as SendWindow | null,
    frozenAt: row.frozen_at,
    audienceCount: row.audience_count,
    finishedAt: row.finished_at,
    ambiguousPolicy: row.ambiguous_policy,
    stopCode: row.stop_code,
    stopMessage: row.stop_message,
    createdAt: row.created_at,
  };
}
