import type { Config } from '../config/index.ts';
import { readWorkerHealth } from '../deliveries/index.ts';
import { hasSampleDocuments, signupClosedReason } from '../legal/index.ts';
import { effectiveIdentity, listNewsletters } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { QueueProducer } from '../platform/queue/index.ts';
import type { Clock } from '../shared/clock.ts';
import { PROXY_ADVICE, readSignupWarnings } from '../signup-guard/index.ts';
import { failed, ok, staysHere, warning } from './check.ts';
import type { Check } from './check.ts';

export interface SystemDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly queue: QueueProducer;
  readonly config: Config;
}

export async function checkQueue({ queue, config }: Pick<SystemDeps, 'queue' | 'config'>): Promise<readonly Check[]> {
  const where = config.redisUrl === undefined ? 'on PostgreSQL' : 'on Redis';
  return [
    (await queue.ping()) === 'up'
      ? ok('queue', `answers, ${where}`)
      : failed('queue', `does not answer, ${where}; sign-ups are kept, mails wait`),
  ];
}

export async function checkWorkers({ db }: Pick<SystemDeps, 'db'>): Promise<readonly Check[]> {
  const { live } = await readWorkerHealth(db);
  return [
    live > 0
      ? ok('workers', `${live} at work`)
      : warning('workers', 'none runs: nothing is sent before npm start or npm run worker'),
  ];
}

/** A failure only once mail leaves this machine: until then there is nobody who must find it in a mail. */
export async function checkPostalAddresses({
  db,
  config,
}: Pick<SystemDeps, 'db' | 'config'>): Promise<readonly Check[]> {
  const newsletters = await listNewsletters(db);
  const missing = newsletters.filter((newsletter) => effectiveIdentity(newsletter, config).postalAddress === null);
  const find = staysHere(config) ? warning : failed;
  return missing.length === 0
    ? [ok('postal address', 'each newsletter has one')]
    : missing.map(({ slug }) =>
        find('postal address', `${slug} has none and cannot send; set it there, or POSTAL_ADDRESS`),
      );
}

export async function checkLegalTexts(deps: Pick<SystemDeps, 'db' | 'clock' | 'config'>): Promise<readonly Check[]> {
  const hasSample = await hasSampleDocuments(deps);
  const closed = signupClosedReason(deps.config, hasSample);
  if (closed !== undefined) {
    return [failed('legal texts', closed.message)];
  }
  return [
    hasSample
      ? warning('legal texts', 'terms or privacy notice are samples; publish your own before you set SMTP_URL')
      : ok('legal texts', 'terms and privacy notice are your own'),
  ];
}

export async function checkSignups({ db, clock }: Pick<SystemDeps, 'db' | 'clock'>): Promise<readonly Check[]> {
  const { burst, hasUntrustedProxy } = await readSignupWarnings(db, clock.now());
  return [
    hasUntrustedProxy ? warning('proxy', PROXY_ADVICE) : ok('proxy', 'none that TRUST_PROXY does not name'),
    burst === undefined
      ? ok('sign-ups', 'no more than usual')
      : warning('sign-ups', `far more than usual ${burst === 'now' ? 'at the moment' : 'in the last 24 hours'}`),
  ];
}
