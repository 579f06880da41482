import type { Keyring } from '../shared/keyring.ts';
import type { Clock } from '../shared/clock.ts';
import type { AdminId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Config } from '../config/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { MailTemplates } from '../rendering/index.ts';

export interface AccountsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
  readonly mailTemplates: MailTemplates;
  readonly config: Pick<Config, 'publicUrl' | 'mailFrom' | 'postalAddress' | 'smtpUrl'>;
}

export interface Admin {
  readonly id: AdminId;
  readonly address: string;
  readonly name: string | null;
  readonly timeZone: string | null;
  readonly verifiedAt: Date | null;
}

/** A3. Sessions are opaque, hashed at rest, and end by themselves. */
export const SESSION_IDLE_MINUTES = 30;
export const SESSION_HOURS = 12;
export const SETUP_LINK_HOURS = 24;
export const VERIFICATION_HOURS = 24;

/** What consent records and the audit log call an admin. */
export function adminLabel(id: AdminId): string {
  return `admin:${id}`;
}
