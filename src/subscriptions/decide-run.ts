import type { Doorbell } from '../jobs/index.ts';
import { listNewsletters } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import { isDatabaseUnavailable } from '../platform/postgres/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { NewsletterId, SignupRequestId } from '../shared/ids.ts';
import { hashAddressUnderAll } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { createSignupMailIds } from './signup-mail-ids.ts';
import type { SignupMailIds } from './signup-mail-ids.ts';
import type { SignupMailDeps } from './signup-mails.ts';

const RETRY_MINUTES = 10;

export interface DecideDeps extends SignupMailDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
  readonly log: Logger;
}

/** What one run of the job needs again and again. */
export interface DecideRun extends DecideDeps {
  /** As they are now. */
  readonly newsletters: ReadonlyMap<NewsletterId, Newsletter>;
  /** Where the mail is stored; undefined, and a line in the log, when it cannot be made. */
  readonly tryMailId: (requestId: SignupRequestId, ...mail: Parameters<SignupMailIds>) => Promise<number | undefined>;
}

/** What one batch did: how many rows it settled, and whether there may be more. */
export interface BatchResult {
  readonly settled: number;
  readonly isFull: boolean;
}

export async function startDecideRun(deps: DecideDeps): Promise<DecideRun> {
  const newsletters = await listNewsletters(deps.db);
  return {
    ...deps,
    newsletters: new Map(newsletters.map((newsletter) => [newsletter.id, newsletter])),
    tryMailId: mailTrier(deps),
  };
}

function mailTrier(deps: DecideDeps): DecideRun['tryMailId'] {
  const mailIds = createSignupMailIds(deps);
  return async (requestId, ...mail) => {
    try {
      return await mailIds(...mail);
    } catch (error) {
      if (isDatabaseUnavailable(error)) {
        throw error;
      }
      deps.log.error({ err: error, requestId, mail: mail[0] }, 'a mail about a sign-up could not be made');
      return undefined;
    }
  };
}

/** When a mail that could not be made is tried again. */
export function retryAt(now: Date): Date {
  return new Date(now.getTime() + RETRY_MINUTES * 60_000);
}

/** Under every key of the ring: mails that were counted before a change of keys still count. */
export function hashesOf(run: DecideRun, { addressKey }: { readonly addressKey: AddressKey }): readonly Buffer[] {
  return hashAddressUnderAll(run.keyring, addressKey).map(({ hash }) => hash);
}
