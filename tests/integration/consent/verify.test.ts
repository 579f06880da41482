import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordErased, verifyConsent } from '../../../src/consent/index.ts';
import type { PersonalField } from '../../../src/consent/index.ts';
import type { NewsletterId, SubscriberId } from '../../../src/shared/ids.ts';
import { createKeyring } from '../../../src/shared/keyring.ts';
import { openArchive } from './archive.ts';
import type { Archive } from './archive.ts';

const DAY = 86_400_000;
let archive: Archive;

async function erase(subscribers: readonly number[], fields: readonly PersonalField[], before?: Date): Promise<number> {
  const erased = await archive.db.transaction().execute((tx) =>
    recordErased(tx, {
      subscriberIds: subscribers as SubscriberId[],
      fields,
      reason: 'asked',
      method: 'system',
      actor: 'system',
      at: archive.clock.now(),
      ...(before === undefined ? {} : { before }),
    }),
  );
  return erased.length;
}

const verify = (): ReturnType<typeof verifyConsent> => verifyConsent(archive);

describe('an honest archive', () => {
  beforeAll(async () => {
    archive = await openArchive();
    await archive.sealEach(1, 2, 3);
    await archive.declare(4);
    await archive.declare(5);
    await archive.seal();
  });
  afterAll(() => archive.close());

  it('is intact, and tells its head', async () => {
    expect(await verify()).toEqual({
      kind: 'intact',
      seals: 4,
      records: 5,
      erasedValues: 0,
      unsealed: 0,
      head: expect.stringMatching(/^[\da-f]{64}$/),
      headSealId: 4,
    });
  });

  it('tells how far verification has come', async () => {
    const seen: (readonly number[])[] = [];

    await verifyConsent(archive, { onProgress: (...counts) => seen.push(counts) });

    expect(seen).toEqual([[5, 5]]);
  });

  it('is verified by any key of the ring, and by no other', async () => {
    const [secret, other] = ['a key of the publisher that nobody else has', 'quite another key that is long enough'];

    const rotated = { db: archive.db, keyring: createKeyring([other, secret]) };
    const lost = { db: archive.db, keyring: createKeyring([other]) };

    expect(await verifyConsent(rotated)).toMatchObject({ kind: 'intact', seals: 4 });
    expect(await verifyConsent(lost)).toEqual({
      kind: 'tampered',
      problem: 'seal_key_unknown',
      sealId: 1,
      recordId: 1,
    });
  });

  it('counts what is not sealed yet, and does not take it for inserted', async () => {
    const trial = await archive.db.startTransaction().execute();
    await archive.declare(6, trial);

    expect(await verifyConsent({ db: trial, keyring: archive.keyring })).toMatchObject({ kind: 'intact', unsealed: 1 });
    await trial.rollback().execute();
  });

  it('ties each value to its record by salt and digest', async () => {
    const { rows } = await sql<{ isTied: boolean }>`
      select sha256(p.address_salt || convert_to(p.address, 'UTF8')) = r.address_digest
        and sha256(p.ip_salt || convert_to(p.ip, 'UTF8')) = r.ip_digest
        and sha256(p.agent_salt || convert_to(p.agent, 'UTF8')) = r.agent_digest as "isTied"
      from consent_personal p join consent_records r on r.id = p.record_id`.execute(archive.db);

    expect(rows).toContainEqual({ isTied: true });
    expect(rows).not.toContainEqual({ isTied: false });
  });
});

describe('an archive of many seals and long ones', () => {
  beforeAll(async () => {
    archive = await openArchive();
  });
  afterAll(() => archive.close());

  it('is read in pages without losing or repeating any', async () => {
    const declareMany = (count: number): Promise<unknown> =>
      sql`insert into consent_records (action, purpose, subscriber_id, method, actor, occurred_at)
        select 'withdrawn', 'newsletter', n, 'button', 'subscriber', now() from generate_series(1, ${count}::integer) as n`.execute(
        archive.db,
      );
    for (const count of [1, 1999, 2000, 2500, 1]) {
      await declareMany(count);
      await archive.seal();
    }

    expect(await verify()).toMatchObject({ kind: 'intact', seals: 5, records: 6501 });
    expect(await archive.verifyTampered([`update consent_records set actor = 'x' where id = 6501`])).toMatchObject({
      problem: 'record_changed',
      sealId: 5,
      recordId: 6501,
    });
  });
});

describe('erasure', () => {
  beforeEach(async () => {
    archive = await openArchive();
    await archive.sealEach(1, 2);
    archive.clock.advance(DAY);
    await archive.declare(1, undefined, { newsletterIds: [1 as NewsletterId, 2 as NewsletterId] });
    await archive.declare(3, undefined, { ip: null, agent: null });
    await archive.seal();
  });
  afterEach(() => archive.close());

  it('is told from removal by a chained record, also before that record is sealed (R32)', async () => {
    expect(await erase([1], ['address', 'ip', 'agent'])).toBe(1);

    expect(await verify()).toMatchObject({ kind: 'intact', erasedValues: 9, unsealed: 1 });
    await archive.seal();
    expect(await verify()).toMatchObject({ kind: 'intact', erasedValues: 9, unsealed: 0 });
    const { rows } = await sql`select r.details from consent_records r where r.action = 'erased'`.execute(archive.db);
    expect(rows).toEqual([{ details: { fields: ['address', 'ip', 'agent'], upTo: 4, reason: 'asked' } }]);
    const left = await sql`select record_id from consent_personal order by 1`.execute(archive.db);
    expect(left.rows).toEqual([{ record_id: 2 }, { record_id: 5 }]);
  });

  it('of some values keeps the others provable', async () => {
    await erase([1, 2, 3], ['ip', 'agent']);

    expect(await verify()).toMatchObject({ kind: 'intact', erasedValues: 8 });
    const { rows } =
      await sql`select record_id, address, ip, ip_salt, agent, agent_salt from consent_personal where record_id = 2`.execute(
        archive.db,
      );
    expect(rows).toEqual([
      { record_id: 2, address: 'person-2@example.org', ip: null, ip_salt: null, agent: null, agent_salt: null },
    ]);
    expect(await archive.verifyTampered(['delete from consent_personal where record_id = 2'])).toMatchObject({
      problem: 'value_removed',
      recordId: 2,
    });
  });

  it('by age covers what was old enough and nothing else', async () => {
    expect(await erase([1, 2, 3], ['ip'], new Date(archive.clock.now().getTime() - DAY / 2))).toBe(2);

    expect(await verify()).toMatchObject({ kind: 'intact', erasedValues: 2 });
    expect(
      await archive.verifyTampered(['update consent_personal set ip = null, ip_salt = null where record_id = 3']),
    ).toMatchObject({ problem: 'value_removed', sealId: 3, recordId: 3 });
  });

  it('covers no record that came later', async () => {
    await erase([1], ['address', 'ip', 'agent']);
    await archive.declare(1);
    await archive.seal();

    expect(await verify()).toMatchObject({ kind: 'intact', erasedValues: 9 });
    expect(await archive.verifyTampered(['delete from consent_personal where record_id = 7'])).toMatchObject({
      problem: 'value_removed',
      recordId: 7,
    });
  });

  it('twice, and twice at once, writes one record', async () => {
    const erased = await Promise.all([erase([2], ['address']), erase([2], ['address']), erase([2], ['address'])]);

    expect(erased.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await erase([2], ['address'])).toBe(0);
    expect(await verify()).toMatchObject({ kind: 'intact', erasedValues: 1 });
  });

  it('raises no alarm while sign-ups, the sealer and erasures go on', async () => {
    const until = 40;
    const found: unknown[] = [];
    const declaring = async (): Promise<void> => {
      for (let subscriber = 10; subscriber < 10 + until; subscriber += 1) {
        await archive.declare(subscriber);
      }
    };
    const erasing = async (): Promise<void> => {
      for (let subscriber = 10; subscriber < 10 + until; subscriber += 1) {
        await erase([subscriber], ['address', 'ip']);
      }
    };
    const sealing = async (): Promise<void> => {
      for (let run = 0; run < until; run += 1) {
        await archive.seal();
      }
    };
    const verifying = async (): Promise<void> => {
      for (let run = 0; run < until / 2; run += 1) {
        found.push(await verify());
      }
    };

    await Promise.all([declaring(), erasing(), sealing(), verifying()]);

    expect(found.filter((one) => (one as { kind: string }).kind !== 'intact')).toEqual([]);
  });
});
