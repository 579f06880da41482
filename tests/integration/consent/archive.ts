import { sql } from 'kysely';
import { createConsentTexts, recordConsent, sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import type { ConsentEntry, ConsentVerification, VerifyOptions } from '../../../src/consent/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { Db, Tx } from '../../../src/platform/postgres/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import type { NewsletterId, SubscriberId } from '../../../src/shared/ids.ts';
import { createKeyring } from '../../../src/shared/keyring.ts';
import type { Keyring } from '../../../src/shared/keyring.ts';
import type { Random } from '../../../src/shared/random.ts';
import { createTestDatabase } from '../../support/databases.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';

export const ARCHIVE_SECRET = 'a key of the publisher that nobody else has';

/** Changes rows with everything that would refuse it switched off. Several statements, or whatever needs the transaction. */
export type Tampering = readonly string[] | ((tx: Tx) => Promise<void>);

export interface Archive {
  readonly db: Db;
  readonly url: string;
  readonly clock: FakeClock;
  readonly keyring: Keyring;
  readonly random: Random;
  /** Adds a record about a person, as leaving does. */
  declare(subscriber: number, within?: Tx, changes?: Partial<ConsentEntry>): Promise<void>;
  seal(): Promise<number>;
  /** One record and one seal for each. */
  sealEach(...subscribers: readonly number[]): Promise<void>;
  /**
   * What verification says after somebody changed the archive who has the password of the database and knows how to keep
   * its triggers quiet. Rolled back afterwards.
   */
  verifyTampered(tampering: Tampering, options?: VerifyOptions): Promise<ConsentVerification>;
  close(): Promise<void>;
}

/** A database of its own with nothing but consent records. */
export async function openArchive(): Promise<Archive> {
  const database = await createTestDatabase();
  const { db, close } = openDatabase(database.url, {
    log: createLogger('silent', 'test'),
    name: 'consent-test',
    maxConnections: 6,
  });
  const clock = createFakeClock();
  const keyring = createKeyring([ARCHIVE_SECRET]);
  const random = createSeededRandom('consent');
  const texts = createConsentTexts();
  const declare: Archive['declare'] = async (subscriber, within, changes = {}) => {
    const wordings = [changes.consentText, changes.termsText, changes.privacyText].filter(
      (text) => typeof text === 'string',
    );
    await texts.ensure(
      db,
      wordings.map((text) => ({ text, locale: 'en' })),
      clock.now(),
    );
    await recordConsent(
      { db: within ?? db, random },
      {
        action: 'withdrawn',
        subscriberId: subscriber as SubscriberId,
        newsletterIds: [1 as NewsletterId],
        address: `person-${subscriber}@example.org`,
        at: clock.now(),
        method: 'button',
        actor: 'subscriber',
        ip: '192.0.2.0/24',
        agent: 'Test/1.0',
        ...changes,
      },
    );
  };
  const seal = async (): Promise<number> => (await sealConsentRecords({ db, clock, keyring })).sealed;
  return {
    db,
    url: database.url,
    clock,
    keyring,
    random,
    declare,
    seal,
    sealEach: async (...subscribers) => {
      for (const subscriber of subscribers) {
        await declare(subscriber);
        await seal();
        clock.advance(1000);
      }
    },
    verifyTampered: async (tampering, options) => {
      const trial = await db.startTransaction().execute();
      try {
        await sql`set local session_replication_role = replica`.execute(trial);
        await tamper(trial, tampering);
        return await verifyConsent({ db: trial, keyring }, options);
      } finally {
        await trial.rollback().execute();
      }
    },
    close: async () => {
      await close();
      await database.drop();
    },
  };
}

async function tamper(tx: Tx, tampering: Tampering): Promise<void> {
  if (typeof tampering === 'function') {
    await tampering(tx);
    return;
  }
  for (const statement of tampering) {
    const { numAffectedRows } = await sql.raw(statement).execute(tx);
    if (!statement.startsWith('alter table') && (numAffectedRows ?? 0n) === 0n) {
      throw new Error(`changed nothing: ${statement}`);
    }
  }
}
