import type { Generated } from 'kysely';
import type { SubscriberId } from '../../../shared/ids.ts';

export interface PreferenceTables {
  preference_links: {
    id: Generated<number>;
    subscriber_id: SubscriberId | null;
    requested_at: Date;
    decided_at: Date | null;
    expires_at: Date | null;
    used_at: Date | null;
    session_hash: Buffer | null;
    session_expires_at: Date | null;
  };
  address_changes: {
    id: Generated<number>;
    old_cause_id: Generated<number>;
    subscriber_id: SubscriberId;
    new_address: string;
    new_address_key: string;
    new_address_hash: Buffer;
    new_address_hash_key_id: number;
    status: Generated<'open' | 'done' | 'refused' | 'replaced' | 'taken'>;
    requested_at: Date;
    decided_at: Date | null;
    expires_at: Date;
    confirmed_at: Date | null;
    agreed_at: Date | null;
    closed_at: Date | null;
  };
}
