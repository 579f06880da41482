import type { Generated } from 'kysely';
import type { NewsletterId, SignupRequestId, SubscriberId, SubscriptionId } from '../../../shared/ids.ts';
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
}
