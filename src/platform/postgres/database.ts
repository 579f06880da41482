import type { ColumnType, Generated, JSONColumnType, Kysely, Transaction } from 'kysely';
import type {
  AdminId,
  ArticleId,
  CampaignId,
  ConsentRecordId,
  DeliveryId,
  FeedId,
  IssueId,
  LegalDocumentId,
  NewsletterId,
  SectionId,
  SignupRequestId,
  SubscriberId,
  SubscriptionId,
  WorkerId,
} from '../../shared/ids.ts';

/** The tables as the migrations make them. Closed sets are widened to string here; repositories narrow them. */
type Id<T> = ColumnType<T, T | undefined, never>;
type Json = JSONColumnType<Record<string, unknown>>;

export interface Database {
  settings: { key: string; value: Json; updated_at: Generated<Date> };
  audit_log: {
    id: Generated<number>;
    occurred_at: Date;
    actor: string;
    action: string;
    subject_kind: string;
    subject_id: string | null;
    details: Json;
  };
  newsletters: {
    id: Id<NewsletterId>;
    slug: string;
    name: string;
    description: Generated<string>;
    locale: Generated<string>;
    is_public: Generated<boolean>;
    from_name: string | null;
    from_address: string | null;
    reply_to: string | null;
    postal_address: string | null;
    imprint_url: string | null;
    cron: Generated<string>;
    time_zone: Generated<string>;
    next_run_at: Date | null;
    cutoff_at: Date;
    max_per_section: Generated<number>;
    created_at: Date;
    updated_at: Date;
  };
  newsletter_sections: {
    id: Id<SectionId>;
    newsletter_id: NewsletterId;
    slug: string;
    name: string;
    position: number;
    max_items: number | null;
  };
  proofreaders: { newsletter_id: NewsletterId; address: string; address_key: string; added_at: Date };
  subscribers: {
    id: Id<SubscriberId>;
    address: string;
    address_key: string;
    address_hash: Buffer;
    address_hash_key_id: number;
    name: string | null;
    locale: string | null;
    time_zone: string | null;
    created_at: Date;
  };
  subscriptions: {
    id: Id<SubscriptionId>;
    subscriber_id: SubscriberId;
    newsletter_id: NewsletterId;
    status: 'pending' | 'active' | 'unsubscribed';
    requested_at: Date;
    confirmed_at: Date | null;
    unsubscribed_at: Date | null;
  };
  signup_requests: {
    id: Id<SignupRequestId>;
    subscriber_id: SubscriberId;
    newsletter_ids: NewsletterId[];
    name: string | null;
    locale: string | null;
    time_zone: string | null;
    status: Generated<'open' | 'confirmed' | 'refused' | 'expired'>;
    decision: 'confirmation' | 'already-subscribed' | 'nothing' | null;
    requested_at: Date;
    decided_at: Date | null;
    expires_at: Date;
    closed_at: Date | null;
    welcomed_at: Date | null;
  };
  unsubscribe_reasons: { subscription_id: SubscriptionId; given_at: Date; reason: string; comment: string | null };
  suppressions: {
    id: Generated<number>;
    address_hash: Buffer;
    address_hash_key_id: number;
    reason: 'hard-bounce' | 'complaint' | 'manual' | 'erasure';
    source: string;
    created_at: Date;
    lifted_at: Date | null;
  };
  consent_texts: { hash: Buffer; text: string; locale: string; created_at: Date };
  legal_documents: {
    id: Id<LegalDocumentId>;
    kind: 'terms' | 'privacy';
    locale: string;
    version: number;
    title: string;
    markdown: string;
    hash: Buffer;
    is_sample: boolean;
    published_at: Date;
  };
  consent_records: {
    id: Id<ConsentRecordId>;
    action: string;
    purpose: string;
    subscriber_id: SubscriberId;
    newsletter_id: NewsletterId | null;
    signup_request_id: SignupRequestId | null;
    delivery_id: DeliveryId | null;
    consent_text: Buffer | null;
    terms_text: Buffer | null;
    privacy_text: Buffer | null;
    terms_document_id: LegalDocumentId | null;
    privacy_document_id: LegalDocumentId | null;
    is_asserted_by_caller: Generated<boolean>;
    method: string;
    form_id: string | null;
    form_version: string | null;
    locale: string | null;
    page_url: string | null;
    actor: string;
    occurred_at: Date;
    address_digest: Buffer | null;
    ip_digest: Buffer | null;
    agent_digest: Buffer | null;
    details: ColumnType<Record<string, unknown>, string | undefined, never>;
  };
  consent_personal: {
    record_id: ConsentRecordId;
    address: string | null;
    address_salt: Buffer | null;
    ip: string | null;
    ip_salt: Buffer | null;
    agent: string | null;
    agent_salt: Buffer | null;
  };
  consent_seals: {
    id: Generated<number>;
    previous_hash: Buffer;
    root: Buffer;
    record_count: number;
    max_record_id: ConsentRecordId;
    sealed_at: Date;
    hash: Buffer;
  };
  consent_seal_entries: { record_id: ConsentRecordId; seal_id: number; position: number; record_hash: Buffer };
  feeds: {
    id: Id<FeedId>;
    newsletter_id: NewsletterId;
    section_id: SectionId;
    url: string;
    title: string | null;
    is_sample: Generated<boolean>;
    etag: string | null;
    last_modified: string | null;
    added_at: Date;
    first_polled_at: Date | null;
    last_polled_at: Date | null;
    last_success_at: Date | null;
    next_poll_at: Date;
    status: Generated<'new' | 'ok' | 'failing'>;
    failure_code: string | null;
    failure_message: string | null;
    failure_count: Generated<number>;
  };
  articles: {
    id: Id<ArticleId>;
    newsletter_id: NewsletterId;
    section_id: SectionId;
    feed_id: FeedId | null;
    url: string;
    title: string;
    summary_text: Generated<string>;
    author: string | null;
    source_name: string | null;
    image_url: string | null;
    image_alt: string | null;
    language: string | null;
    word_count: number | null;
    published_at: Date | null;
    first_seen_at: Date;
    is_eligible: Generated<boolean>;
    is_sample: Generated<boolean>;
  };
  article_keys: { newsletter_id: NewsletterId; key: Buffer; article_id: ArticleId };
  issues: {
    id: Id<IssueId>;
    newsletter_id: NewsletterId;
    kind: 'scheduled' | 'extra';
    period_at: Date;
    number: number | null;
    status: 'awaiting_approval' | 'approved' | 'skipped' | 'dropped';
    from_at: Date;
    cutoff_at: Date;
    title: string;
    content: Json;
    created_at: Date;
    decided_at: Date | null;
    published_at: Date | null;
  };
  issue_articles: {
    issue_id: IssueId;
    article_id: ArticleId;
    newsletter_id: NewsletterId;
    section_id: SectionId;
    position: number;
  };
  compiled_mails: { id: Generated<number>; hash: Buffer; template: string; mail: Json; created_at: Date };
  campaigns: {
    id: Id<CampaignId>;
    kind: 'campaign' | 'issue';
    newsletter_id: NewsletterId;
    issue_id: IssueId | null;
    subject: string;
    preheader: string | null;
    source_format: 'markdown' | 'mjml' | 'digest';
    source: string;
    status: 'draft' | 'scheduled' | 'sending' | 'paused' | 'sent' | 'cancelled';
    ambiguous_policy: Generated<'hold' | 'resend'>;
    compiled_mail_id: number | null;
    start_at: Date | null;
    frozen_at: Date | null;
    audience_count: number | null;
    finished_at: Date | null;
    stop_code: string | null;
    stop_message: string | null;
    created_by: string;
    created_at: Date;
    updated_at: Date;
  };
  campaign_tests: {
    id: Generated<number>;
    campaign_id: CampaignId;
    address: string;
    requested_by: string;
    requested_at: Date;
  };
  workers: {
    id: Id<WorkerId>;
    host: string;
    pid: number;
    started_at: Date;
    heartbeat_at: Date;
    lease_expires_at: Date;
    fenced_at: Date | null;
    relay_error: string | null;
  };
  deliveries: {
    id: Id<DeliveryId>;
    kind: 'campaign' | 'issue' | 'confirm' | 'welcome' | 'test' | 'system';
    lane: 'transactional' | 'campaigns' | 'digests';
    state: Generated<string>;
    address: string;
    key_id: number;
    compiled_mail_id: number;
    campaign_id: CampaignId | null;
    subscriber_id: SubscriberId | null;
    newsletter_id: NewsletterId | null;
    cause_id: number | null;
    attempt: Generated<number>;
    due_at: Date;
    give_up_at: Date;
    worker_id: WorkerId | null;
    dot_at: Date | null;
    settled_at: Date | null;
    reply_code: number | null;
    enhanced_code: string | null;
    reason: string | null;
    created_at: Date;
  };
  delivery_events: {
    id: Generated<number>;
    delivery_id: DeliveryId;
    attempt: number;
    event: string;
    reply_code: number | null;
    enhanced_code: string | null;
    reply_text: string | null;
    occurred_at: Date;
  };
  admins: {
    id: Id<AdminId>;
    address: string;
    address_key: string;
    name: string | null;
    password_hash: string | null;
    time_zone: string | null;
    verified_at: Date | null;
    created_at: Date;
  };
  setup_tokens: { token_hash: Buffer; admin_id: AdminId | null; created_at: Date; expires_at: Date };
  admin_verifications: {
    id: Generated<number>;
    admin_id: AdminId;
    address: string;
    created_at: Date;
    expires_at: Date;
  };
  admin_sessions: {
    token_hash: Buffer;
    admin_id: AdminId;
    created_at: Date;
    last_seen_at: Date;
    expires_at: Date;
  };
  api_tokens: {
    id: Generated<number>;
    name: string;
    prefix: string;
    token_hash: Buffer;
    scopes: string[];
    created_by: string;
    created_at: Date;
    expires_at: Date;
    last_used_at: Date | null;
    revoked_at: Date | null;
  };
  login_failures: { key_hash: Buffer; failures: number; last_failure_at: Date };
  inbox_mails: {
    id: Generated<number>;
    received_at: Date;
    envelope_from: string;
    envelope_to: string[];
    subject: string;
    from_text: string;
    message_id: string | null;
    raw: Buffer;
  };
}

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;
/** A pool or an open transaction: for repository functions that may run in either. */
export type DbOrTx = Db | Tx;
