import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { DeliveryId, NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import type { Circumstances, ConsentStoryEntry, Withdrawal } from './consent-record.ts';
import { hashText } from './consent-texts.repository.ts';
import { saltValue } from './personal-value.ts';

/** One `confirmation_sent` for each newsletter of the request whose mail the relay has accepted. */
export async function recordConfirmationsSent(
  db: DbOrTx,
  deliveryIds: readonly DeliveryId[],
  now: Date,
): Promise<void> {
  if (deliveryIds.length === 0) {
    return;
  }
  await sql`
    insert into consent_records (action, purpose, subscriber_id, newsletter_id, signup_request_id, delivery_id, method, actor, occurred_at)
    select 'confirmation_sent', 'newsletter', r.subscriber_id, n.newsletter_id, r.id, d.id, 'system', 'system', ${now}
    from deliveries d join signup_requests r on r.id = d.cause_id
    cross join lateral unnest(r.newsletter_ids) as n(newsletter_id)
    where d.id = any(${deliveryIds}::bigint[])`.execute(db);
}

/** The second step of double opt-in: one record per newsletter, tied to the request whose wordings it confirms. */
export async function recordGranted(
  deps: { readonly db: DbOrTx; readonly random: Random },
  grant: Circumstances & {
    readonly subscriberId: SubscriberId;
    readonly signupRequestId: SignupRequestId;
    readonly newsletterIds: readonly NewsletterId[];
    readonly address: string;
    readonly at: Date;
  },
): Promise<void> {
  await insertSimpleRecords(deps, { ...grant, action: 'granted', consentText: null });
}

export async function recordWithdrawn(
  deps: { readonly db: DbOrTx; readonly random: Random },
  withdrawal: Withdrawal & { readonly signupRequestId?: SignupRequestId },
): Promise<void> {
  await insertSimpleRecords(deps, { signupRequestId: null, ...withdrawal, action: 'withdrawn', consentText: null });
}

/** "That was a mistake": a declaration of its own, with the wording of that page. The text must be stored already. */
export async function recordRenewed(
  deps: { readonly db: DbOrTx; readonly random: Random },
  renewal: Withdrawal & { readonly consentText: string },
): Promise<void> {
  await insertSimpleRecords(deps, { ...renewal, action: 'renewed', signupRequestId: null });
}

/** True when mails may have gone out on the ground of a consent of theirs: then its evidence outlives the subscription (R29). */
export async function hasEverConsented(db: DbOrTx, subscriberId: SubscriberId): Promise<boolean> {
  const { rows } = await sql<{ hasConsented: boolean }>`
    select exists (select 1 from consent_records
      where subscriber_id = ${subscriberId} and action in ('granted', 'renewed')) as "hasConsented"`.execute(db);
  return rows[0]?.hasConsented ?? false;
}

async function insertSimpleRecords(
  deps: { readonly db: DbOrTx; readonly random: Random },
  record: Withdrawal & {
    readonly action: 'granted' | 'withdrawn' | 'renewed';
    readonly signupRequestId: SignupRequestId | null;
    readonly consentText: string | null;
  },
): Promise<void> {
  for (const newsletterId of record.newsletterIds) {
    const [address, ip, agent] = [record.address, record.ip, record.agent].map((value) =>
      saltValue(deps.random, value),
    );
    await sql`
      with record as (
        insert into consent_records (action, purpose, subscriber_id, newsletter_id, signup_request_id, consent_text, method, actor,
          occurred_at, address_digest, ip_digest, agent_digest)
        values (${record.action}, 'newsletter', ${record.subscriberId}, ${newsletterId}, ${record.signupRequestId},
          ${record.consentText === null ? null : hashText(record.consentText)}, ${record.method}, ${record.actor}, ${record.at},
          ${address?.digest}, ${ip?.digest}, ${agent?.digest})
        returning id
      )
      insert into consent_personal (record_id, address, address_salt, ip, ip_salt, agent, agent_salt)
      select id, ${address?.value}, ${address?.salt}::bytea, ${ip?.value}, ${ip?.salt}::bytea, ${agent?.value}, ${agent?.salt}::bytea
      from record`.execute(deps.db);
  }
}

/** Everything a person declared and what became of it, oldest first, with the wordings as shown. */
export async function readConsentStory(db: DbOrTx, subscriberId: SubscriberId): Promise<readonly ConsentStoryEntry[]> {
  const { rows } = await sql<ConsentStoryEntry>`
    select r.id, r.action, r.purpose, r.newsletter_id as "newsletterId", n.name as "newsletterName", r.occurred_at as "occurredAt",
      r.method, r.actor, r.is_asserted_by_caller as "isAssertedByCaller",
      ct.text as "consentText", tt.text as "termsText", pt.text as "privacyText",
      td.version as "termsVersion", encode(td.hash, 'hex') as "termsHash",
      pd.version as "privacyVersion", encode(pd.hash, 'hex') as "privacyHash",
      r.form_id as "formId", r.form_version as "formVersion", r.locale, r.page_url as "pageUrl",
      p.ip, p.agent, r.signup_request_id as "signupRequestId", r.delivery_id as "deliveryId",
      e.record_id is not null as "isSealed"
    from consent_records r
    left join newsletters n on n.id = r.newsletter_id
    left join consent_texts ct on ct.hash = r.consent_text
    left join consent_texts tt on tt.hash = r.terms_text
    left join consent_texts pt on pt.hash = r.privacy_text
    left join legal_documents td on td.id = r.terms_document_id
    left join legal_documents pd on pd.id = r.privacy_document_id
    left join consent_personal p on p.record_id = r.id
    left join consent_seal_entries e on e.record_id = r.id
    where r.subscriber_id = ${subscriberId}
    order by r.occurred_at, r.id`.execute(db);
  return rows;
}
