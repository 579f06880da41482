import type { Generated } from 'kysely';
import type { AdminId } from '../../../shared/ids.ts';
import type { Id, Json } from './columns.ts';

export interface OperationTables {
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
  admin_notices: { id: Id<number>; admin_id: AdminId; created_at: Date };
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
  dkim_keys: {
    id: Generated<number>;
    domain: string;
    selector: string;
    public_key: Buffer;
    sealed_private_key: Buffer;
    key_id: number;
    created_at: Date;
    signs_from: Date;
    retired_at: Date | null;
  };
  signup_origins: { origin: string; created_at: Date; created_by: string };
  login_failures: { key_hash: Buffer; failures: number; last_failure_at: Date };
  signup_limits: {
    key: string;
    full_at: Date;
    granted: number;
    step_seconds: number;
    reach_seconds: number;
    expires_at: Date;
  };
  signup_rates: {
    process: string;
    minute: Date;
    current: number;
    previous: number;
    usual: number;
    burst_until: Date | null;
  };
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
