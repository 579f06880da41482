import { sql } from 'kysely';
import type { SaltedValue } from '../consent/index.ts';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import type { CheckedRow, RejectReason } from './check-row.ts';

export async function insertImport(
  db: DbOrTx,
  started: { readonly fileName: string; readonly actor: string; readonly now: Date },
): Promise<number> {
  const row = await db
    .insertInto('imports')
    .values({
      file_name: started.fileName,
      actor: started.actor,
      started_at: started.now,
      file_hash: null,
      finished_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function finishImport(
  db: DbOrTx,
  id: number,
  finished: { readonly fileHash: Buffer; readonly counts: Readonly<Record<string, number>>; readonly now: Date },
): Promise<void> {
  await db
    .updateTable('imports')
    .set({ file_hash: finished.fileHash, counts: JSON.stringify(finished.counts), finished_at: finished.now })
    .where('id', '=', id)
    .execute();
}

/** What was seen of this file, on this connection only, so that a million rows cost the process no memory. */
export async function createSeenTable(connection: Db): Promise<void> {
  await sql`create temporary table import_seen (address_key text, newsletter_id bigint, primary key (address_key, newsletter_id))`.execute(
    connection,
  );
}

export async function dropSeenTable(connection: Db): Promise<void> {
  await sql`drop table if exists import_seen`.execute(connection);
}

/** Remembers these, and tells which of them the file had not named before. */
export async function markSeen(
  connection: Db,
  wishes: readonly { readonly key: string; readonly newsletterId: NewsletterId }[],
): Promise<readonly { readonly key: string; readonly newsletterId: NewsletterId }[]> {
  const { rows } = await sql<{ key: string; newsletterId: NewsletterId }>`
    insert into import_seen (address_key, newsletter_id)
    select * from unnest(${wishes.map(({ key }) => key)}::text[], ${wishes.map(({ newsletterId }) => newsletterId)}::bigint[])
    on conflict do nothing returning address_key as key, newsletter_id as "newsletterId"`.execute(connection);
  return rows;
}

export interface BatchRow extends CheckedRow {
  /** As a spreadsheet counts, the header is row 1. */
  readonly line: number;
  /** Under every key of the ring, the signing key first: what was suppressed under an older key is found. */
  readonly hashes: readonly { readonly keyId: number; readonly hash: Buffer }[];
  readonly addressValue: SaltedValue;
  readonly evidenceValue: SaltedValue;
  /** SHA-256 of the wording, which is stored already. */
  readonly textHash: Buffer | null;
}

/** What became of one newsletter of one row. */
export interface BatchResult {
  readonly line: number;
  readonly outcome:
    | 'granted'
    | 'unproven'
    | 'unchanged'
    | Extract<RejectReason, 'suppressed' | 'erased' | 'unsubscribed'>;
}

/**
 * Writes a batch in one statement. Nobody is revived: a suppressed or erased address and a subscription that was left stay as they
 * are; the upsert looks again at the row it has locked, and an address that was closed during the statement is stopped by the
 * gate. With proof a subscription is active at once, without it pending, which is never mailed. Run twice, the second time changes nothing.
 */
export async function writeBatch(
  tx: Tx,
  batch: readonly BatchRow[],
  run: { readonly importId: number | null; readonly actor: string; readonly now: Date },
): Promise<readonly BatchResult[]> {
  const column = <T>(read: (row: BatchRow) => T): T[] => batch.map(read);
  const wishes = batch.flatMap(({ line, newsletterIds }) =>
    newsletterIds.map((newsletterId) => ({ line, newsletterId })),
  );
  const hashes = batch.flatMap(({ line, hashes }) => hashes.map((one, rank) => ({ line, rank, ...one })));
  // The planner knows nothing of how these arrays and what is written from them fit together: with a wrong guess it compares each
  // row with each other. What is looked up by index below is a subquery, which this leaves alone.
  await sql`set local enable_nestloop = off`.execute(tx);
  const { rows } = await sql<BatchResult>`
    with item as materialized (
      select * from unnest(${column(({ line }) => line)}::int[], ${column(({ address }) => address.address)}::text[],
        ${column(({ address }) => address.key)}::text[], ${column(({ name }) => name)}::text[],
        ${column(({ locale }) => locale)}::text[], ${column(({ timeZone }) => timeZone)}::text[],
        ${column(({ proof }) => proof?.basis ?? null)}::text[], ${column(({ consentedAt }) => consentedAt?.toISOString() ?? null)}::text[],
        ${column(({ textHash }) => textHash)}::bytea[], ${column(({ addressValue }) => addressValue.salt)}::bytea[],
        ${column(({ addressValue }) => addressValue.digest)}::bytea[], ${column(({ evidenceValue }) => evidenceValue.value)}::text[],
        ${column(({ evidenceValue }) => evidenceValue.salt)}::bytea[], ${column(({ evidenceValue }) => evidenceValue.digest)}::bytea[])
        as i(line, address, key, name, locale, time_zone, basis, consented_at, text_hash, address_salt, address_digest, evidence,
          evidence_salt, evidence_digest)
    ),
    wish as materialized (
      select w.line, w.newsletter_id, i.key, i.basis is not null as is_proven,
        -- A later form makes it pending again and keeps when they left: only their own click brings them back.
        (select case when n.status <> 'active' and n.unsubscribed_at is not null then 'unsubscribed' else n.status end
          from subscriptions n where n.newsletter_id = w.newsletter_id
            and n.subscriber_id = (select s.id from subscribers s where s.address_key = i.key)) as status
      from unnest(${wishes.map(({ line }) => line)}::int[], ${wishes.map(({ newsletterId }) => newsletterId)}::bigint[])
        as w(line, newsletter_id) join item i using (line)
    ),
    hash as materialized (
      select * from unnest(${hashes.map(({ line }) => line)}::int[], ${hashes.map(({ rank }) => rank)}::int[],
        ${hashes.map(({ keyId }) => keyId)}::smallint[], ${hashes.map(({ hash }) => hash)}::bytea[]) as h(line, rank, key_id, hash)
    ),
    shut as (
      select h.line, bool_or(x.reason = 'erasure') as is_erased from hash h
      join suppressions x on x.address_hash = h.hash and x.lifted_at is null group by h.line
    ),
    judged as materialized (
      select w.*, case
        when shut.is_erased then 'erased'
        when shut.line is not null then 'suppressed'
        when w.status = 'unsubscribed' then 'unsubscribed'
        when w.status = 'active' or w.status = 'pending' and not w.is_proven then 'unchanged'
        when w.is_proven then 'granted' else 'unproven' end as outcome
      from wish w left join shut using (line)
    ),
    subscriber as (
      insert into subscribers (address, address_key, address_hash, address_hash_key_id, name, locale, time_zone, created_at)
      select distinct on (i.key) i.address, i.key, h.hash, h.key_id, i.name, i.locale, i.time_zone, ${run.now}::timestamptz
      from judged j join item i using (line) join hash h on h.line = j.line and h.rank = 0
      where j.outcome in ('granted', 'unproven') order by i.key, i.line
      on conflict (address_key) do update set created_at = subscribers.created_at
      returning id, address_key
    ),
    subscription as (
      insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
      select s.id, j.newsletter_id, case j.outcome when 'granted' then 'active' else 'pending' end, ${run.now}::timestamptz,
        case j.outcome when 'granted' then ${run.now}::timestamptz end
      from judged j join subscriber s on s.address_key = j.key where j.outcome in ('granted', 'unproven')
      on conflict (newsletter_id, subscriber_id) do update set status = 'active', confirmed_at = excluded.confirmed_at
        where subscriptions.status = 'pending' and subscriptions.unsubscribed_at is null and excluded.status = 'active'
      returning subscriber_id, newsletter_id
    ),
    written as materialized (
      select n.subscriber_id, n.newsletter_id, j.line, j.outcome
      from subscription n join subscriber s on s.id = n.subscriber_id
      join judged j on j.key = s.address_key and j.newsletter_id = n.newsletter_id and j.outcome in ('granted', 'unproven')
    ),
    record as (
      insert into consent_records (action, purpose, subscriber_id, newsletter_id, consent_text, is_asserted_by_caller, method, locale,
        actor, occurred_at, address_digest, details)
      select case w.outcome when 'granted' then 'granted' else 'requested' end, 'newsletter', w.subscriber_id, w.newsletter_id,
        i.text_hash, true, 'import', i.locale, ${run.actor}, ${run.now}::timestamptz, i.address_digest,
        jsonb_strip_nulls(jsonb_build_object('import', ${run.importId}::bigint, 'row', i.line, 'basis', i.basis,
          'consentedAt', i.consented_at, 'evidenceDigest', encode(i.evidence_digest, 'hex'), 'unproven', i.basis is null or null))
      from written w join item i using (line) order by i.line
      returning id, subscriber_id, newsletter_id
    ),
    personal as (
      insert into consent_personal (record_id, address, address_salt, evidence, evidence_salt)
      select r.id, i.address, i.address_salt, i.evidence, i.evidence_salt
      from record r join written w on w.subscriber_id = r.subscriber_id and w.newsletter_id = r.newsletter_id join item i using (line)
    )
    select j.line, case when j.outcome in ('granted', 'unproven') and w.line is null then 'unchanged' else j.outcome end as outcome
    from judged j left join written w on w.line = j.line and w.newsletter_id = j.newsletter_id`.execute(tx);
  return rows;
}

/** Addresses that the other system had shut stay shut here. One that is closed already stays closed for the reason it has. */
export async function suppressImported(
  tx: Tx,
  hashes: readonly { readonly hash: Buffer; readonly keyId: number }[],
  run: { readonly source: string; readonly now: Date },
): Promise<void> {
  await sql`
    insert into suppressions (address_hash, address_hash_key_id, reason, source, created_at)
    select distinct on (hash) hash, key_id, 'manual', ${run.source}, ${run.now}::timestamptz
    from unnest(${hashes.map(({ hash }) => hash)}::bytea[], ${hashes.map(({ keyId }) => keyId)}::smallint[]) as t(hash, key_id)
    where not exists (select 1 from suppressions x where x.address_hash = t.hash and x.lifted_at is null)
    on conflict (address_hash, reason) where lifted_at is null do nothing`.execute(tx);
}

/** Newsletters by their short names, hidden ones too: an import is the publisher's own act. */
export async function selectNewsletterIds(db: DbOrTx): Promise<ReadonlyMap<string, NewsletterId>> {
  const rows = await db.selectFrom('newsletters').select(['slug', 'id']).execute();
  return new Map(rows.map(({ slug, id }) => [slug, id]));
}
