import type { Config } from '../config/index.ts';
import type { ConsentTexts } from '../consent/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import type { SignupForms } from '../subscriptions/index.ts';

export interface PreferenceDeps {
  readonly config: Config;
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
  readonly consentTexts: ConsentTexts;
  readonly signupForms: SignupForms;
}
