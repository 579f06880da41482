import { settingError } from './shared/app-error.ts';
import { parseRelayUrls, PLAIN_RELAY } from './config/index.ts';
import type { Config, RelayAddress } from './config/index.ts';
import { createConsentTexts } from './consent/index.ts';
import type { ConsentTexts } from './consent/index.ts';
import { createSignupOrigins } from './embed/index.ts';
import type { SignupOrigins } from './embed/index.ts';
import { readInboxAddress } from './inbox/index.ts';
import type { Doorbell } from './jobs/index.ts';
import { createFeedReader } from './content/index.ts';
import type { FeedReader } from './content/index.ts';
import { createFetcher } from './platform/http-fetch/index.ts';
import type { Fetcher } from './platform/http-fetch/index.ts';
import { createLogger } from './platform/logging/index.ts';
import type { Logger } from './platform/logging/index.ts';
import { openDatabase } from './platform/postgres/index.ts';
import type { Db } from './platform/postgres/index.ts';
import { createQueueProducer } from './platform/queue/index.ts';
import type { QueueProducer } from './platform/queue/index.ts';
import { loadMailTemplates } from './rendering/index.ts';
import type { MailTemplates } from './rendering/index.ts';
import { systemClock } from './shared/clock.ts';
import type { Clock } from './shared/clock.ts';
import { createKeyring } from './shared/keyring.ts';
import type { Keyring } from './shared/keyring.ts';
import { systemRandom } from './shared/random.ts';
import type { Random } from './shared/random.ts';
import { refuseForeignKeys } from './ops/index.ts';
import { createMailResolver, createSignupGuard } from './signup-guard/index.ts';
import type { MailResolver, SignupGuard } from './signup-guard/index.ts';
import { createSignupForms, createSignupWriter } from './subscriptions/index.ts';

/** Everything a use case may ask for; each takes the slice it needs. */
export interface Deps {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly keyring: Keyring;
  readonly queue: QueueProducer;
  readonly doorbell: Doorbell;
  readonly mailTemplates: MailTemplates;
  readonly fetcher: Fetcher;
  readonly feedReader: FeedReader;
  readonly consentTexts: ConsentTexts;
  readonly signupForms: ReturnType<typeof createSignupForms>;
  readonly signupWriter: ReturnType<typeof createSignupWriter>;
  readonly signupGuard: SignupGuard;
  readonly signupOrigins: SignupOrigins;
  /** Where mail goes out now, the preferred one first: the relays of the settings, or the local inbox wherever it listens at the moment. */
  readonly findRelays: () => Promise<readonly RelayAddress[]>;
}

export interface ComposeOptions {
  /** Shown in logs and as the name of the database connections. */
  readonly role: string;
  readonly maxConnections: number;
  /** Fakes of tests. */
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  readonly resolver?: MailResolver;
}

export interface Composed {
  readonly deps: Deps;
  /** Sends what was rung, then closes queue and database. */
  close(): Promise<void>;
}

/**
 * The one place that builds dependencies. The database must be migrated.
 * @throws AppError kind `setting` when DATABASE_URL is missing, or SECRET_KEY is not the one this database was made with.
 */
export async function compose(config: Config, options: ComposeOptions): Promise<Composed> {
  const { databaseUrl, secretKeys } = config;
  if (databaseUrl === undefined) {
    throw settingError(
      'DATABASE_URL',
      `is required to run ${options.role} alone; npm start brings a database of its own`,
    );
  }
  if (secretKeys === undefined) {
    throw settingError('SECRET_KEY', 'is required; make one with: openssl rand -base64 48');
  }
  const log = options.log ?? createLogger(config.logLevel, options.role);
  const keyring = createKeyring(secretKeys);
  const { db, close } = openDatabase(databaseUrl, { log, name: options.role, maxConnections: options.maxConnections });
  const queue = createQueueProducer({ databaseUrl, redisUrl: config.redisUrl, log });
  const clock = options.clock ?? systemClock;
  try {
    await refuseForeignKeys(db, keyring, clock.now());
  } catch (error) {
    await queue.close();
    await close();
    throw error;
  }
  const random = options.random ?? systemRandom;
  const signupGuard = createSignupGuard({
    db,
    clock,
    random,
    keyring,
    log,
    settings: config.signup,
    resolver: options.resolver ?? createMailResolver(),
  });
  const deps: Deps = {
    config,
    databaseUrl,
    db,
    clock,
    random,
    log,
    keyring,
    queue,
    doorbell: queue.doorbell,
    mailTemplates: loadMailTemplates(),
    fetcher: createFetcher({ allow: config.fetchAllow, contactUrl: config.publicUrl }),
    feedReader: createFeedReader(),
    consentTexts: createConsentTexts(),
    signupForms: createSignupForms({ db, clock, config }),
    signupWriter: createSignupWriter({ db, signupGuard }),
    signupGuard,
    signupOrigins: createSignupOrigins({ db, clock }),
    findRelays: relaysFinder(config, db),
  };
  return {
    deps,
    close: async () => {
      await deps.feedReader.close();
      await queue.close();
      await close();
    },
  };
}

function relaysFinder(config: Config, db: Db): () => Promise<readonly RelayAddress[]> {
  const { smtpUrl } = config;
  if (smtpUrl !== undefined) {
    const relays = parseRelayUrls(smtpUrl);
    return () => Promise.resolve(relays);
  }
  return async () => {
    const inbox = await readInboxAddress(db);
    if (inbox === undefined) {
      throw settingError('SMTP_URL', 'is unset and no web process offers the local inbox yet');
    }
    // It takes another port at each start, and is the same relay all the time.
    return [{ ...PLAIN_RELAY, ...inbox, key: 'local-inbox' }];
  };
}
