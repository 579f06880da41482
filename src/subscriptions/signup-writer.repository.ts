import { sql } from 'kysely';
import type { SaltedValue } from '../consent/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { isDatabaseUnavailable } from '../platform/postgres/index.ts';
import { createBatcher } from '../shared/batcher.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { LegalDocumentId, NewsletterId, SignupRequestId } from '../shared/ids.ts';
import { countUses, exchangeRates, toOtherRates } from '../signup-guard/index.ts';
import type { LimitKind, LimitUse, OtherRatesRow, SignupGuard } from '../signup-guard/index.ts';

export interface SignupRows {
  /** What it counts against. */
  readonly uses: readonly LimitUse[];
  readonly address: ParsedAddress;
  /** Under every key of the ring, the signing key first. */
  readonly hashes: readonly { readonly keyId: number; readonly hash: Buffer }[];
  readonly name: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly declarations: readonly {
    readonly newsletterId: NewsletterId;
    readonly consentText: Buffer | null;
    readonly address: SaltedValue;
    readonly ip: SaltedValue;
    readonly agent: SaltedValue;
  }[];
  readonly termsText: Buffer | null;
  readonly privacyText: Buffer | null;
  readonly termsDocumentId: LegalDocumentId;
  readonly privacyDocumentId: LegalDocumentId;
  readonly isAssertedByCaller: boolean;
  readonly method: string;
  readonly formId: string | null;
  readonly formVersion: string | null;
  readonly pageUrl: string | null;
  readonly textLocale: string;
}

export interface SignupWriter {
  /** Committed when it resolves. */
  write(rows: SignupRows): Promise<WriteOutcome>;
}

export type WriteOutcome =
  | { readonly kind: 'recorded'; readonly id: SignupRequestId }
  /** Over a limit, and nothing was stored but that. */
  | { readonly kind: 'refused'; readonly limit: LimitKind; readonly retryAt: Date };

interface WriterDeps {
  readonly db: Db;
  readonly signupGuard: Pick<SignupGuard, 'meter'>;
}

/**
 * Group commit for sign-ups: those that arrive while a statement runs share the next one, so that a burst costs one commit for
 * many and a single sign-up waits for nobody. Measured against one statement each: three times the rate.
 */
export function createSignupWriter(deps: WriterDeps): SignupWriter {
  const batcher = createBatcher<SignupRows, WriteOutcome | Error>(async (batch) => {
    try {
      return await insertSignups(deps, batch);
    } catch (error) {
      if (batch.length === 1 || isDatabaseUnavailable(error)) {
        throw error;
      }
      // One that PostgreSQL refuses must not take the others with it.
      const each = await Promise.allSettled(batch.map((rows) => insertSignups(deps, [rows])));
      return each.map((one) =>
        one.status === 'fulfilled' ? (one.value[0] ?? new Error('no request')) : (one.reason as Error),
      );
    }
  });
  return {
    write: async (rows) => {
      const result = await batcher.add(rows);
      if (result instanceof Error) {
        throw result;
      }
      return result;
    },
  };
}

/**
 * One statement: the limits it counts against, then subscribers (upsert), requests, and one `requested` record per newsletter of
 * those that no limit refuses. The same writes whatever the state of an address (S23). Subscribers are locked in the order of their keys, so that two batches cannot wait for each other. An
 * address that was suppressed under an older key keeps that key, so that the gate finds the suppression by its hash. Prepared,
 * since planning it takes about as long as a third of it.
 */
async function insertSignups(deps: WriterDeps, batch: readonly SignupRows[]): Promise<readonly WriteOutcome[]> {
  const now = new Date(Math.max(...batch.map(({ requestedAt }) => requestedAt.getTime())));
  const { meter } = deps.signupGuard;
  const { rows } = await sql<WrittenRow>`/* prepared: signups */
    with ${countUses(
      batch.map(({ uses }) => uses),
      now,
    )},
    ${exchangeRates(meter.own(now), now)},
    hash as (
      select distinct on (h.item) h.item, h.hash, h."keyId"
      from jsonb_to_recordset(${JSON.stringify(batch.flatMap(toHashes))}::jsonb) as h(item int, rank int, hash bytea, "keyId" smallint)
      order by h.item, exists (select 1 from suppressions x where x.address_hash = h.hash and x.lifted_at is null) desc, h.rank
    ),
    item as materialized (
      select nextval('cause_ids') as id, i.*, hash.hash, hash."keyId", v.mail_hold,
        least(greatest(v.due_at, i."requestedAt"), i."expiresAt") as due_at
      from jsonb_to_recordset(${JSON.stringify(batch.map(toItem))}::jsonb) as i(item int, address text, key text, name text, locale text,
        "timeZone" text, "requestedAt" timestamptz, "expiresAt" timestamptz, "newsletterIds" bigint[], "termsText" bytea,
        "privacyText" bytea, "termsDocumentId" bigint, "privacyDocumentId" bigint, "isAssertedByCaller" boolean, method text,
        "formId" text, "formVersion" text, "pageUrl" text, "textLocale" text)
      join hash using (item) join limit_verdict v using (item)
      where v.is_admitted
    ),
    declaration as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(batch.flatMap(toDeclarations))}::jsonb) as d(item int, position int, "newsletterId" bigint,
        "consentText" bytea, "addressDigest" bytea, "addressSalt" bytea, ip text, "ipDigest" bytea, "ipSalt" bytea, agent text,
        "agentDigest" bytea, "agentSalt" bytea)
    ),
    subscriber as (
      insert into subscribers (address, address_key, address_hash, address_hash_key_id, created_at)
      select distinct on (key) address, key, hash, "keyId", "requestedAt" from item order by key, item
      on conflict (address_key) do update set created_at = subscribers.created_at
      returning id, address_key
    ),
    request as (
      insert into signup_requests (id, subscriber_id, newsletter_ids, name, locale, time_zone, requested_at, due_at, mail_hold,
        expires_at)
      select i.id, s.id, i."newsletterIds", i.name, i.locale, i."timeZone", i."requestedAt", i.due_at, i.mail_hold,
        i."expiresAt"
      from item i join subscriber s on s.address_key = i.key
      returning id, subscriber_id
    ),
    record as (
      insert into consent_records (action, purpose, subscriber_id, newsletter_id, signup_request_id, consent_text, terms_text,
        privacy_text, terms_document_id, privacy_document_id, is_asserted_by_caller, method, form_id, form_version, locale,
        page_url, actor, occurred_at, address_digest, ip_digest, agent_digest)
      select 'requested', 'newsletter', r.subscriber_id, d."newsletterId", r.id, d."consentText", i."termsText", i."privacyText",
        i."termsDocumentId", i."privacyDocumentId", i."isAssertedByCaller", i.method, i."formId", i."formVersion", i."textLocale",
        i."pageUrl", 'subscriber', i."requestedAt", d."addressDigest", d."ipDigest", d."agentDigest"
      from request r join item i on i.id = r.id join declaration d on d.item = i.item
      order by d.item, d.position
      returning id, newsletter_id, signup_request_id
    ),
    personal as (
      insert into consent_personal (record_id, address, address_salt, ip, ip_salt, agent, agent_salt)
      select record.id, i.address, d."addressSalt", d.ip, d."ipSalt", d.agent, d."agentSalt"
      from record join item i on i.id = record.signup_request_id
      join declaration d on d.item = i.item and d."newsletterId" = record.newsletter_id
    )
    select item.id, v.refused_by as limit, v.retry_at as "retryAt", o.*
    from limit_verdict v left join item using (item) cross join other_rates o order by v.item`.execute(deps.db);
  const [first] = rows;
  if (first !== undefined) {
    const { lastMinute, usual, burstUntil } = first;
    meter.learn(toOtherRates({ lastMinute, usual, burstUntil }, now));
  }
  return rows.map(toOutcome);
}

type WrittenRow = OtherRatesRow &
  ({ readonly id: SignupRequestId } | { readonly id: null; readonly limit: LimitKind; readonly retryAt: Date });

function toOutcome(row: WrittenRow): WriteOutcome {
  return row.id === null
    ? { kind: 'refused', limit: row.limit, retryAt: row.retryAt }
    : { kind: 'recorded', id: row.id };
}

function toHashes(rows: SignupRows, item: number): readonly object[] {
  return rows.hashes.map(({ hash, keyId }, rank) => ({ item, rank, hash: toBytea(hash), keyId }));
}

function toItem(rows: SignupRows, item: number): object {
  const { address, hashes: _hashes, uses: _uses, declarations, termsText, privacyText, ...columns } = rows;
  return {
    ...columns,
    item,
    address: address.address,
    key: address.key,
    newsletterIds: declarations.map(({ newsletterId }) => newsletterId),
    termsText: toBytea(termsText),
    privacyText: toBytea(privacyText),
  };
}

function toDeclarations(rows: SignupRows, item: number): readonly object[] {
  return rows.declarations.map(({ newsletterId, consentText, address, ip, agent }, position) => ({
    item,
    position,
    newsletterId,
    consentText: toBytea(consentText),
    addressDigest: toBytea(address.digest),
    addressSalt: toBytea(address.salt),
    ip: ip.value,
    ipDigest: toBytea(ip.digest),
    ipSalt: toBytea(ip.salt),
    agent: agent.value,
    agentDigest: toBytea(agent.digest),
    agentSalt: toBytea(agent.salt),
  }));
}

/** PostgreSQL's own text form of bytes. */
function toBytea(bytes: Buffer | null): string | null {
  return bytes === null ? null : `\\x${bytes.toString('hex')}`;
}
