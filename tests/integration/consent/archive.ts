import { sql } from 'kysely';
import { recordConsent, sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import type { ConsentVerification } from '../../../src/consent/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { Db, Tx } from '../../../src/platform/postgres/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import type { NewsletterId, SubscriberId } from '../../../src/shared/ids.ts';
import { createTestDatabase } from '../../support/databases.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';

export interface Archive {
  readonly db: Db;
  readonly clock: FakeClock;
  /** Adds a record about a person, as leaving does. */
  declare(subscriber: number, within?: Tx): Promise<void>;
  seal(): Promise<number>;
  /** One record and one seal for each. */
  sealEach(...subscribers: readonly number[]): Promise<void>;
  /**
   * What verification says after somebody changed the archive who has the password of the database and knows how to keep
   * its triggers quiet. Rolled back afterwards.
   */
  verifyTampered(...statements: readonly string[]): Promise<ConsentVerification>;
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
  const random = createSeededRandom('consent');
  const declare: Archive['declare'] = (subscriber, within) =>
    recordConsent(
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
      },
    );
  const seal = async (): Promise<number> => (await sealConsentRecords(db, clock.now())).sealed;
  return {
    db,
    clock,
    declare,
    seal,
    sealEach: async (...subscribers) => {
      for (const subscriber of subscribers) {
        await declare(subscriber);
        await seal();
        clock.advance(1000);
      }
    },
    verifyTampered: async (...statements) => {
      const trial = await db.startTransaction().execute();
      try {
        await sql`set local session_replication_role = replica`.execute(trial);
        for (const statement of statements) {
          const { numAffectedRows } = await sql.raw(statement).execute(trial);
          if (numAffectedRows === undefined || numAffectedRows === 0n) {
            throw new Error(`changed nothing: ${statement}`);
          }
        }
        return await verifyConsent(trial);
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
