import type { Generated } from 'kysely';
import type { NewsletterId, SectionId, SignupRequestId, SubscriberId, SubscriptionId } from '../../../shared/ids.ts';
import type { Id } from './columns.ts';

export interface PeopleTables {
  subscribers: {
    id: Id<SubscriberId>;
    address: string;
    address_key: string;
    address_hash: Buffer;
    address_hash_key_id: number;
    name: string | null;
    locale: string | null;
    time_zone: string | null;
    tracking_allowed: Generated<boolean>;
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
    paused_until: Date | null;
    section_ids: SectionId[] | null;
    frequency: 'weekly' | 'monthly' | null;
  };
  signup_requests: {
    id: Id<SignupRequestId>;
    subscriber_id: SubscriberId;
    newsletter_ids: NewsletterId[];
    name: string | null;
    locale: string | null;
    time_zone: string | null;
    status: Generated<'open' | 'confirmed' | 'refused' | 'expired'>;
    decision: 'confirmation' | 'single' | 'waiting' | 'already-subscribed' | 'nothing' | null;
    requested_at: Date;
    decided_at: Date | null;
    /** Nothing is decided, so nothing mailed, before this. */
    due_at: Date;
    /** Why it is due later than at once. */
    mail_hold: 'address' | 'domain' | 'trickle' | null;
    expires_at: Date;
    closed_at: Date | null;
    welcomed_at: Date | null;
  };
  confirmation_mails: { address_hash: Buffer; planned_at: Date };
  confirmation_resends: {
    id: Generated<number>;
    request_id: SignupRequestId;
    asked_at: Date;
    decided_at: Date | null;
    mailed_request_id: SignupRequestId | null;
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
}
