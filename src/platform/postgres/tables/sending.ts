import type { Generated } from 'kysely';
import type {
  ArticleId,
  CampaignId,
  DeliveryId,
  IssueId,
  NewsletterId,
  SubscriberId,
  SubscriptionId,
  WorkerId,
} from '../../../shared/ids.ts';
import type { Id, Json } from './columns.ts';

export interface SendingTables {
  issue_variants: { campaign_id: CampaignId; compiled_mail_id: number; article_ids: ArticleId[] };
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
    local_time: Generated<boolean>;
    local_at: string | null;
    send_window: string | null;
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
    state: Generated<string>;
    address: string;
    key_id: number;
    compiled_mail_id: number;
    campaign_id: CampaignId | null;
    subscriber_id: SubscriberId | null;
    newsletter_id: NewsletterId | null;
    subscription_id: SubscriptionId | null;
    reader_name: string | null;
    reader_locale: string | null;
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
  delivery_blocks: {
    id: Generated<number>;
    lane: 'transactional' | 'campaigns' | 'digests';
    campaign_id: CampaignId | null;
    first_id: DeliveryId;
    last_id: DeliveryId;
    ids: DeliveryId[] | null;
    due_at: Date;
    worker_id: WorkerId | null;
  };
  campaign_counts: { campaign_id: CampaignId; shard: number; state: string; count: number };
  campaign_windows: {
    campaign_id: CampaignId;
    began_after: Generated<number>;
    outcomes: Generated<number>;
    hard: Generated<number[]>;
    refused: Generated<number[]>;
  };
  campaign_pace: { campaign_id: CampaignId; shard: number; slot: number; second: number; accepted: number };
  delivery_events: {
    id: Generated<number>;
    delivery_id: DeliveryId;
    attempt: number;
    event: string;
    reply_code: number | null;
    enhanced_code: string | null;
    reply_text: string | null;
    occurred_at: Date;
    resolution: 'accepted' | 'rejected' | 'resend' | 'retry' | null;
    source: string | null;
  };
}
