import { sql } from 'kysely';
import type { ConsentMethod } from '../consent/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ConsentRecordId, DeliveryId, NewsletterId, SubscriberId } from '../shared/ids.ts';
import type { EvidenceMail } from './evidence.ts';

export interface RecordRow {
  readonly recordId: ConsentRecordId;
  readonly subscriberId: SubscriberId;
  readonly action: string;
  readonly purpose: string;
  readonly newsletterId: NewsletterId | null;
  readonly newsletter: string | null;
  readonly occurredAt: Date;
  readonly method: ConsentMethod;
  readonly actor: string;
  readonly isAssertedByCaller: boolean;
  readonly consentText: string | null;
  readonly termsText: string | null;
  readonly privacyText: string | null;
  readonly locale: string | null;
  readonly termsDocumentId: number | null;
  readonly privacyDocumentId: number | null;
  readonly formId: string | null;
  readonly formVersion: string | null;
  readonly pageUrl: string | null;
  readonly signupRequestId: number | null;
  readonly deliveryId: DeliveryId | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly restrictedAt: Date | null;
  readonly address: string | null;
  readonly addressSalt: string | null;
  readonly addressDigest: string | null;
  readonly ip: string | null;
  readonly ipSalt: string | null;
  readonly ipDigest: string | null;
  readonly agent: string | null;
  readonly agentSalt: string | null;
  readonly agentDigest: string | null;
  /** What an importer said that the consent rests on. */
  readonly evidence: string | null;
  readonly evidenceSalt: string | null;
  readonly evidenceDigest: string | null;
}

/** Every record about the person, oldest first, with the values that are left. */
export async function readRecords(db: DbOrTx, ids: readonly SubscriberId[]): Promise<readonly RecordRow[]> {
  const { rows } = await sql<RecordRow>`
    select r.id as "recordId", r.subscriber_id as "subscriberId", r.action, r.purpose, r.newsletter_id as "newsletterId",
      n.name as newsletter, r.occurred_at as "occurredAt", r.method, r.actor, r.is_asserted_by_caller as "isAssertedByCaller",
      ct.text as "consentText", tt.text as "termsText", pt.text as "privacyText", r.locale,
      r.terms_document_id as "termsDocumentId", r.privacy_document_id as "privacyDocumentId", r.form_id as "formId",
      r.form_version as "formVersion", r.page_url as "pageUrl", r.signup_request_id as "signupRequestId",
      r.delivery_id as "deliveryId", r.details, p.restricted_at as "restrictedAt",
      p.address, encode(p.address_salt, 'hex') as "addressSalt", encode(r.address_digest, 'hex') as "addressDigest",
      p.ip, encode(p.ip_salt, 'hex') as "ipSalt", encode(r.ip_digest, 'hex') as "ipDigest",
      p.agent, encode(p.agent_salt, 'hex') as "agentSalt", encode(r.agent_digest, 'hex') as "agentDigest",
      p.evidence, encode(p.evidence_salt, 'hex') as "evidenceSalt", r.details ->> 'evidenceDigest' as "evidenceDigest"
    from consent_records r
    left join newsletters n on n.id = r.newsletter_id
    left join consent_texts ct on ct.hash = r.consent_text
    left join consent_texts tt on tt.hash = r.terms_text
    left join consent_texts pt on pt.hash = r.privacy_text
    left join consent_personal p on p.record_id = r.id
    where r.subscriber_id = any(${ids}::bigint[])
    order by r.occurred_at, r.id`.execute(db);
  return rows;
}

export interface DocumentRow {
  readonly id: number;
  readonly kind: 'terms' | 'privacy';
  readonly locale: string;
  readonly version: number;
  readonly title: string;
  readonly hash: string;
  readonly publishedAt: Date;
  readonly markdown: string;
}

export async function readDocuments(db: DbOrTx, ids: readonly number[]): Promise<readonly DocumentRow[]> {
  const { rows } = await sql<DocumentRow>`
    select id, kind, locale, version, title, encode(hash, 'hex') as hash, published_at as "publishedAt", markdown
    from legal_documents where id = any(${ids}::bigint[]) order by id`.execute(db);
  return rows;
}

export interface MailRow extends Omit<EvidenceMail, 'message'> {
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly keyId: number;
  readonly compiledMailId: number;
  readonly newsletterId: NewsletterId | null;
  readonly causeId: number | null;
  readonly giveUpAt: Date;
  /** What a confirmation was for, from the record of its sending or from the request while there is one. */
  readonly signupRequestId: number | null;
  /** While its link confirms something. */
  readonly openUntil: Date | null;
}

/** Every mail to the person, oldest first. */
export async function readMails(db: DbOrTx, ids: readonly SubscriberId[], now: Date): Promise<readonly MailRow[]> {
  const { rows } = await sql<MailRow>`
    select d.id as "deliveryId", d.subscriber_id as "subscriberId", d.kind, coalesce(c.subject, m.template) as subject,
      n.name as newsletter, d.state, d.reason, d.attempt as tries, d.created_at as "plannedAt", d.settled_at as "settledAt",
      d.reply_code as "replyCode", d.enhanced_code as "enhancedCode", d.address, d.key_id as "keyId",
      d.compiled_mail_id as "compiledMailId", d.newsletter_id as "newsletterId", d.cause_id as "causeId", d.give_up_at as "giveUpAt",
      coalesce((select json_agg(json_build_object('event', e.event, 'replyCode', e.reply_code, 'replyText', e.reply_text,
          'occurredAt', e.occurred_at) order by e.id) from delivery_events e where e.delivery_id = d.id), '[]') as events,
      request.id as "signupRequestId",
      (select r.expires_at from signup_requests r
        where r.id = request.id and r.status = 'open' and r.expires_at > ${now}) as "openUntil"
    from deliveries d
    join compiled_mails m on m.id = d.compiled_mail_id
    left join campaigns c on c.id = d.campaign_id
    left join newsletters n on n.id = d.newsletter_id
    left join lateral (select coalesce(
      (select r.signup_request_id from consent_records r where r.subscriber_id = d.subscriber_id and r.delivery_id = d.id limit 1),
      (select again.mailed_request_id from confirmation_resends again where again.id = d.cause_id),
      d.cause_id) as id where d.kind = 'confirm') request on true
    where d.subscriber_id = any(${ids}::bigint[])
    order by d.id`.execute(db);
  return rows;
}
