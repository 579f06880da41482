import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import type { ConsentEntry, ConsentStoryEntry } from './consent-record.ts';
import { hashText } from './consent-texts.repository.ts';
import { saltValue } from './personal-value.ts';

/** Writes one record per newsletter, in the transaction that makes it true. */
export async function recordConsent(
  deps: { readonly db: DbOrTx; readonly random: Random },
  entry: ConsentEntry,
): Promise<void> {
  const hashOf = (text: string | null | undefined): Buffer | null =>
    text === null || text === undefined ? null : hashText(text);
  for (const newsletterId of entry.newsletterIds ?? [null]) {
    const [address, ip, agent] = [entry.address, entry.ip, entry.agent].map((value) => saltValue(deps.random, value));
    await sql`
      with record as (
        insert into consent_records (action, purpose, subscriber_id, newsletter_id, signup_request_id, consent_text, terms_text,
          privacy_text, terms_document_id, privacy_document_id, method, form_id, form_version, locale, page_url, actor, occurred_at,
          address_digest, ip_digest, agent_digest, details)
        values (${entry.action}, ${entry.purpose ?? 'newsletter'}, ${entry.subscriberId}, ${newsletterId},
          ${entry.signupRequestId ?? null}, ${hashOf(entry.consentText)}, ${hashOf(entry.termsText)}, ${hashOf(entry.privacyText)},
          ${entry.termsDocumentId ?? null}, ${entry.privacyDocumentId ?? null}, ${entry.method}, ${entry.formId ?? null},
          ${entry.formVersion ?? null}, ${entry.locale ?? null}, ${entry.pageUrl ?? null}, ${entry.actor}, ${entry.at},
          ${address?.digest}, ${ip?.digest}, ${agent?.digest}, ${JSON.stringify(entry.details ?? {})}::jsonb)
        returning id
      )
      insert into consent_personal (record_id, address, address_salt, ip, ip_salt, agent, agent_salt)
      select id, ${address?.value}, ${address?.salt}::bytea, ${ip?.value}, ${ip?.salt}::bytea, ${agent?.value}, ${agent?.salt}::bytea
      from record
      where ${address?.value}::text is not null or ${ip?.value}::text is not null or ${agent?.value}::text is not null`.execute(
      deps.db,
    );
  }
}

/** True when mails may have gone out on the ground of a consent of theirs: then its evidence outlives the subscription (R29). */
export async function hasEverConsented(db: DbOrTx, subscriberId: SubscriberId): Promise<boolean> {
  const { rows } = await sql<{ hasConsented: boolean }>`
    select exists (select 1 from consent_records
      where subscriber_id = ${subscriberId} and action in ('granted', 'renewed')) as "hasConsented"`.execute(db);
  return rows[0]?.hasConsented ?? false;
}

/** Everything a person declared and what became of it, oldest first, with the wordings as shown. Restricted values stay out. */
export async function readConsentStory(db: DbOrTx, subscriberId: SubscriberId): Promise<readonly ConsentStoryEntry[]> {
  const { rows } = await sql<ConsentStoryEntry>`
    select r.id, r.action, r.purpose, r.newsletter_id as "newsletterId", n.name as "newsletterName", r.occurred_at as "occurredAt",
      r.method, r.actor, r.is_asserted_by_caller as "isAssertedByCaller",
      ct.text as "consentText", tt.text as "termsText", pt.text as "privacyText",
      td.locale as "termsLocale", pd.locale as "privacyLocale", td.version as "termsVersion", encode(td.hash, 'hex') as "termsHash",
      pd.version as "privacyVersion", encode(pd.hash, 'hex') as "privacyHash",
      r.form_id as "formId", r.form_version as "formVersion", r.locale, r.page_url as "pageUrl",
      case when p.restricted_at is null then p.ip end as ip, case when p.restricted_at is null then p.agent end as agent,
      r.signup_request_id as "signupRequestId", r.delivery_id as "deliveryId",
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
