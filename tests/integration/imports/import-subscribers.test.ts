import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import { importSubscribers, readCsv } from '../../../src/imports/index.ts';
import type { ImportReport } from '../../../src/imports/index.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { becomeReader, post, signUp, subscriptionOf, tokenPath } from '../subscriptions/reader.ts';

type Request = Parameters<typeof importSubscribers>[1];
interface Run {
  readonly report: ImportReport;
  /** `row: reason` */
  readonly rejects: readonly string[];
}

const PROOF = { basis: 'consent', evidence: 'Paper form of the book fair 2025, folder 3' } as const;

let system: TestSystem;
let weekly: NewsletterId;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const row = await system.deps.db.selectFrom('newsletters').select('id').executeTakeFirstOrThrow();
  weekly = row.id;
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.deps.db.deleteFrom('subscribers').execute();
  await system.deps.db.deleteFrom('suppressions').execute();
});

function run(csv: string | Buffer, changes: Partial<Request> = {}): Promise<Run> {
  const rejects: string[] = [];
  return importSubscribers(system.deps, {
    file: readCsv(Readable.from([Buffer.from(csv)])),
    fileName: 'readers.csv',
    actor: CLI_ACTOR,
    mapping: {},
    defaults: { newsletterIds: [weekly], ...PROOF },
    isDryRun: false,
    onHeader: () => undefined,
    onReject: ({ line, reason }) => void rejects.push(`${line}: ${reason}`),
    onProgress: () => undefined,
    ...changes,
  }).then((report) => ({ report, rejects }));
}

async function statusOf(address: string): Promise<string | undefined> {
  const row = await system.deps.db
    .selectFrom('subscriptions as n')
    .innerJoin('subscribers as s', 's.id', 'n.subscriber_id')
    .select('n.status')
    .where('s.address', '=', address)
    .executeTakeFirst();
  return row?.status;
}

describe('importing subscribers', () => {
  it('subscribes with proof, and keeps the evidence apart from a record that only has its digest (R27)', async () => {
    const { report } = await run('email,name,locale,consented_at\nada@example.org,Ada,de,2025-03-14T09:26:53Z\n');

    expect(report).toEqual({ rows: 1, granted: 1, unproven: 0, unchanged: 0, rejected: 0, suppressed: 0 });
    const record = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('consent_personal as p', 'p.record_id', 'r.id')
      .innerJoin('subscribers as s', 's.id', 'r.subscriber_id')
      .select([
        'r.action',
        'r.method',
        'r.actor',
        'r.is_asserted_by_caller',
        'r.details',
        'p.address',
        'p.evidence',
        's.name',
        's.locale',
      ])
      .where('s.address', '=', 'ada@example.org')
      .executeTakeFirstOrThrow();
    expect(record).toMatchObject({
      action: 'granted',
      method: 'import',
      actor: 'cli',
      is_asserted_by_caller: true,
      address: 'ada@example.org',
      evidence: PROOF.evidence,
      name: 'Ada',
      locale: 'de',
      details: { basis: 'consent', row: 2, consentedAt: '2025-03-14T09:26:53.000Z' },
    });
    expect(record.details).toHaveProperty('evidenceDigest', expect.stringMatching(/^[\da-f]{64}$/));
    expect(JSON.stringify(record.details)).not.toContain('folder 3');
    await sealConsentRecords(system.deps);
    expect(await verifyConsent(system.deps)).toMatchObject({ kind: 'intact' });
  });

  it.each([
    ['a basis', { ...PROOF, basis: null }],
    ['evidence', { ...PROOF, evidence: null }],
  ])('leaves who comes without %s unproven: pending, and nothing is mailed', async (_what, proof) => {
    const { report } = await run('email\nbo@example.org\n', { defaults: { newsletterIds: [weekly], ...proof } });

    expect(report).toMatchObject({ granted: 0, unproven: 1 });
    expect(await statusOf('bo@example.org')).toBe('pending');
    expect(await system.deps.db.selectFrom('signup_requests').select('id').execute()).toEqual([]);
  });

  it('changes nothing when the same file comes again, and proves what was unproven', async () => {
    const file = 'email\ncy@example.org\n';
    await run(file, { defaults: { newsletterIds: [weekly], basis: null, evidence: null } });
    expect((await run(file)).report).toMatchObject({ granted: 1 });
    expect((await run(file)).report).toMatchObject({ granted: 0, unchanged: 1 });
    expect(await statusOf('cy@example.org')).toBe('active');
  });

  it('revives nobody: not who left, was suppressed or was erased', async () => {
    const { deps } = system;
    await becomeReader(system, 'left@example.org');
    await becomeReader(system, 'shut@example.org');
    const left = await subscriptionOf(deps, 'left@example.org');
    await post(system, tokenPath(deps, 'unsubscribe', 'unsubscribe', left.id));
    for (const [address, reason] of [
      ['shut@example.org', 'complaint'],
      ['erased@example.org', 'erasure'],
    ] as const) {
      await run(`email\n${address}\n`);
      const subscriber = await deps.db
        .selectFrom('subscribers')
        .selectAll()
        .where('address', '=', address)
        .executeTakeFirstOrThrow();
      await deps.db
        .insertInto('suppressions')
        .values({ ...pickHash(subscriber), reason, source: 'test', created_at: deps.clock.now(), lifted_at: null })
        .execute();
    }
    await deps.db.deleteFrom('subscribers').where('address', '=', 'erased@example.org').execute();

    const { report, rejects } = await run(
      'email\nleft@example.org\nLEFT@example.org\nshut@example.org\nerased@example.org\n',
    );

    expect(rejects).toEqual(['2: unsubscribed', '3: duplicate', '4: suppressed', '5: erased']);
    expect(report).toMatchObject({ granted: 0, rejected: 4 });
    expect(await statusOf('left@example.org')).toBe('unsubscribed');
    expect(await statusOf('erased@example.org')).toBeUndefined();
  });

  it('does not take a form that was never confirmed for a return of who left', async () => {
    const { deps } = system;
    await becomeReader(system, 'left@example.org');
    await post(
      system,
      tokenPath(deps, 'unsubscribe', 'unsubscribe', (await subscriptionOf(deps, 'left@example.org')).id),
    );
    await signUp(system, 'left@example.org');
    await decideSignups(deps);
    expect(await statusOf('left@example.org')).toBe('pending');

    expect((await run('email\nleft@example.org\n')).rejects).toEqual(['2: unsubscribed']);

    expect(await statusOf('left@example.org')).toBe('pending');
  });

  it('tells of each row that it refuses why, and imports the others', async () => {
    const { report, rejects } = await run(
      [
        'email,name,newsletters,locale,timezone,basis,consented_at',
        'good@example.org,Good,,,,,',
        ',,,,,,',
        '"a, b@example.org",,,,,,',
        'n1@example.org,see www.example.org,,,,,',
        'n2@example.org,,no-such,,,,',
        'n3@example.org,,,not a tag!,,,',
        'n4@example.org,,,,Mars/Olympus,,',
        'n5@example.org,,,,,because,',
        'n6@example.org,,,,,,yesterday',
        'n7@example.org,,,,,,2999-01-01',
        '\u0000@example.org,,,,,,',
      ].join('\r\n'),
    );

    expect(rejects).toEqual([
      '3: email_missing',
      '4: email_invalid',
      '5: name_invalid',
      '6: newsletter_unknown',
      '7: locale_invalid',
      '8: time_zone_invalid',
      '9: basis_unknown',
      '10: consented_at_invalid',
      '11: consented_at_future',
      '12: email_invalid',
    ]);
    expect(report).toMatchObject({ rows: 11, granted: 1, rejected: 10 });
  });

  it("understands listmonk's export: who was disabled stays out, who was blocklisted is suppressed", async () => {
    const { report, rejects } = await run(
      [
        'uuid,email,name,attributes,status,created_at,updated_at',
        '5a2f,on@example.org,On,"{""city"": ""Rome"", ""a"": [1, 2]}",enabled,2024-01-02 15:04:05.123456 +0000 UTC,2024-01-02 15:04:05 +0000 UTC',
        '5a30,off@example.org,Off,{},disabled,2024-01-02 15:04:05 +0000 UTC,2024-01-02 15:04:05 +0000 UTC',
        '5a31,block@example.org,Block,{},blocklisted,2024-01-02 15:04:05 +0000 UTC,2024-01-02 15:04:05 +0000 UTC',
      ].join('\n'),
    );

    expect(report).toMatchObject({ granted: 1, rejected: 2, suppressed: 1 });
    expect(rejects).toEqual(['3: not_enabled', '4: not_enabled']);
    expect((await run('email\nblock@example.org\n')).rejects).toEqual(['2: suppressed']);
  });

  it('says in a dry run what would happen, and changes nothing', async () => {
    const rows = Array.from({ length: 6000 }, (_, index) => `dry-${index % 5500}@example.org`);

    const { report } = await run(`email,consent_text\n${rows.join(',Yes please\n')},Yes please\n`, { isDryRun: true });

    expect(report).toMatchObject({ rows: 6000, granted: 5500, rejected: 500 });
    const { deps } = system;
    expect(await deps.db.selectFrom('subscribers').select('id').execute()).toEqual([]);
    expect(await deps.db.selectFrom('consent_texts').select('text').where('text', '=', 'Yes please').execute()).toEqual(
      [],
    );
  });

  it('finds columns under other names, or where it is told, and semicolons and tabs between them', async () => {
    expect((await run('\uFEFFE-Mail Address;Full Name\r\nd1@example.org;"D; One"\r\n')).report).toMatchObject({
      granted: 1,
    });
    expect((await run('who\tname\nd2@example.org\tD\n', { mapping: { email: 'Who' } })).report).toMatchObject({
      granted: 1,
    });
    await expect(run('who,name\nd3@example.org,D\n')).rejects.toMatchObject({ code: 'column_missing' });
    await expect(run('email,E-Mail\na@example.org,b@example.org\n')).rejects.toMatchObject({ code: 'column_twice' });
  });

  it.each([
    ['file_empty', ''],
    ['csv_malformed', 'email,name\n"a@example.org,A\n'],
    ['file_not_utf8', Buffer.from('email,name\na@example.org,M\xfcller\n', 'latin1')],
  ])('says %s of a file that it cannot read', async (code, file) => {
    await expect(run(file)).rejects.toMatchObject({ code });
  });

  it('takes the apostrophe away that an export put before a formula (S12)', async () => {
    await run("email,name\nformula@example.org,'=1+1\n");

    const row = await system.deps.db.selectFrom('subscribers').select('name').executeTakeFirstOrThrow();
    expect(row.name).toBe('=1+1');
  });
});

function pickHash(subscriber: { readonly address_hash: Buffer; readonly address_hash_key_id: number }): {
  address_hash: Buffer;
  address_hash_key_id: number;
} {
  return { address_hash: subscriber.address_hash, address_hash_key_id: subscriber.address_hash_key_id };
}
