import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBackup, restoreBackup, writeBackup } from '../../../src/backup/index.ts';
import { LEFT_OUT, MAILED_SEQUENCES, RESTORE_LEAP } from '../../../src/backup/backup-scope.ts';
import { sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import type { ConsentVerification } from '../../../src/consent/index.ts';
import { migrateWithin, openBulkSession, openDatabase } from '../../../src/platform/postgres/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { createEmptyDatabase, withClient } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem, TEST_SECRET } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, signUp } from '../subscriptions/reader.ts';

/** Written anew by a restore, on purpose. */
const CHANGED = new Set(['settings', 'audit_log', 'workers']);
const FAR_TOO_LONG_MS = 60_000;

let system: TestSystem;
let folder: string;
const targets: TestDatabase[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'courant-backup-'));
  system = await startTestSystem({ worker: false });
  await addReaders(system.deps, 20);
  await becomeReader(system, 'ada@example.org');
  await becomeReader(system, 'zoe@example.org');
  await query(system.deps.databaseUrl, `update subscribers set name = E'O\\'Zoë\\t"\\\\N"\\nof\\\\.'`);
  await query(
    system.deps.databaseUrl,
    `insert into inbox_mails (received_at, envelope_from, envelope_to, subject, from_text, message_id, raw)
     values (now(), '', array['a,b','{}',''], E'tab\\there', '\\.', null, decode('00ff5c0a0d09', 'hex'))`,
  );
  await query(
    system.deps.databaseUrl,
    `insert into workers (host, pid, started_at, heartbeat_at, lease_expires_at) values ('a', 1, now(), now(), now() + interval '20 s')`,
  );
  await sealConsentRecords(system.deps);
}, FAR_TOO_LONG_MS);

afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.drop()));
});

afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});

async function query<Row extends object>(url: string, text: string): Promise<readonly Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(text)).rows);
}

async function emptyTarget(): Promise<string> {
  const target = await createEmptyDatabase();
  targets.push(target);
  return target.url;
}

function backUp(name: string, changes: Partial<Parameters<typeof writeBackup>[1]> = {}) {
  return writeBackup(system.deps.databaseUrl, {
    file: join(folder, name),
    force: false,
    keys: [TEST_SECRET],
    version: '0.1.0',
    now: system.deps.clock.now(),
    ...changes,
  });
}

async function restoreInto(url: string, name: string): Promise<void> {
  const backup = await openBackup(join(folder, name));
  await restoreBackup(url, backup, {});
}

function listTables(url: string): Promise<readonly string[]> {
  return query<{ name: string }>(
    url,
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  ).then((rows) => rows.map(({ name }) => name));
}

/** What is in each table, whatever the order of its rows. */
async function digestTables(url: string): Promise<Readonly<Record<string, string>>> {
  const tables = await listTables(url);
  return withClient(url, async (client) => {
    const digests: Record<string, string> = {};
    for (const table of tables) {
      const { rows } = await client.query<{ digest: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest from "${table}" t`,
      );
      digests[table] = rows[0]?.digest ?? '';
    }
    return digests;
  });
}

function recordsIn(found: ConsentVerification): number {
  return found.kind === 'intact' ? found.records : 0;
}

describe('a backup', { timeout: FAR_TOO_LONG_MS }, () => {
  it('holds every table of the schema, or says why not', async () => {
    await backUp('tables');
    const { header, close } = await openBackup(join(folder, 'tables'));
    close();

    const covered = new Set([...header.tables.map(({ name }) => name), ...LEFT_OUT]);
    expect([...covered].toSorted()).toEqual(await listTables(system.deps.databaseUrl));
    expect([...MAILED_SEQUENCES].every((name) => header.sequences.some((sequence) => sequence.name === name))).toBe(
      true,
    );
  });

  it('comes back to the last byte, with sequences that go on and triggers that refuse', async () => {
    await backUp('whole');
    const before = await digestTables(system.deps.databaseUrl);
    const url = await emptyTarget();
    await restoreInto(url, 'whole');

    const after = await digestTables(url);
    const isKept = ([table]: readonly [string, string]): boolean => !LEFT_OUT.has(table) && !CHANGED.has(table);
    expect(Object.entries(after).filter(isKept)).toEqual(Object.entries(before).filter(isKept));
    await expect(query(url, 'delete from consent_records')).rejects.toThrow(/append-only/);
    const [trigger] = await query<{ disabled: string }>(
      url,
      `select count(*) as disabled from pg_trigger where not tgisinternal and tgenabled <> 'O'`,
    );
    expect(Number(trigger?.disabled)).toBe(0);
    const [next] = await query<{ id: string }>(url, `select nextval('newsletters_id_seq') as id`);
    const [newest] = await query<{ id: string }>(url, 'select max(id) as id from newsletters');
    expect(Number(next?.id)).toBeGreaterThan(Number(newest?.id));
  });

  it('never gives an id out again that may stand in the link of a mail', async () => {
    await backUp('links');
    const url = await emptyTarget();
    await restoreInto(url, 'links');

    for (const sequence of MAILED_SEQUENCES) {
      const [next] = await query<{ id: string }>(url, `select nextval('${sequence}') as id`);
      expect(Number(next?.id)).toBeGreaterThan(RESTORE_LEAP);
    }
  });

  it('holds what is restored until somebody releases it (T14), and takes all from the workers of then', async () => {
    await backUp('held');
    const url = await emptyTarget();
    await restoreInto(url, 'held');

    expect(await query(url, `select value ->> 'reason' as reason from settings where key = 'release_hold'`)).toEqual([
      { reason: 'restored' },
    ]);
    expect(await query(url, `select id from workers where fenced_at is null`)).toEqual([]);
    expect(await query(url, `select actor from audit_log where action = 'system.restored'`)).toEqual([
      { actor: 'cli' },
    ]);
  });

  it(
    'is one moment, while sign-ups go on: the chain of consent records is whole after a restore',
    async () => {
      await sealConsentRecords(system.deps);
      const before = await verifyConsent(system.deps, {});
      let isOver = false;
      const visitors = Array.from({ length: 4 }, async (_, visitor) => {
        for (let count = 0; !isOver; count += 1) {
          await signUp(system, `visitor-${visitor}-${count}@example.org`);
          await sealConsentRecords(system.deps);
        }
      });
      for (let round = 0; round < 3; round += 1) {
        await backUp(`live-${round}`);
      }
      isOver = true;
      await Promise.all(visitors);

      const url = await emptyTarget();
      await restoreInto(url, 'live-2');
      const opened = openDatabase(url, { log: createLogger('silent', 'test'), name: 'verify', maxConnections: 1 });
      const found = await verifyConsent({ db: opened.db, keyring: system.deps.keyring }, {});
      await opened.close();
      expect(found.kind).toBe('intact');
      expect(recordsIn(found)).toBeGreaterThan(recordsIn(before));
    },
    FAR_TOO_LONG_MS,
  );
});

describe('the file', { timeout: FAR_TOO_LONG_MS }, () => {
  it('is for its owner alone, and replaces none unless it is told to', async () => {
    await backUp('mine');
    expect((await stat(join(folder, 'mine'))).mode & 0o777).toBe(0o600);

    await expect(backUp('mine')).rejects.toMatchObject({ code: 'backup_exists' });
    await backUp('mine', { force: true, keys: null });
    expect((await openBackup(join(folder, 'mine'))).header.keys).toBeNull();
  });

  it('is not there when the backup was stopped, or cannot be written', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(backUp('stopped', { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(backUp('no-such-folder/file')).rejects.toMatchObject({ code: 'file_unwritable' });

    expect((await readdir(folder)).filter((name) => /stopped|partial/.test(name))).toEqual([]);
  });

  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['cut to almost nothing', (bytes: Buffer) => bytes.subarray(0, 10)],
    ['longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
    [
      'changed in a byte',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 200 ? byte ^ 1 : byte))),
    ],
    [
      'changed in its checksum',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))),
    ],
    ['something else', () => Buffer.from('PK\u{3}\u{4} surely an archive of some other program, and long enough')],
  ])('is refused when it is %s', async (name, change) => {
    await backUp('sound', { force: true });
    const file = join(folder, name.replaceAll(' ', '-'));
    await writeFile(file, change(await readFile(join(folder, 'sound'))));

    await expect(openBackup(file)).rejects.toMatchObject({ code: 'backup_damaged' });
  });

  it('of a later format asks for the version that wrote it', async () => {
    const file = join(folder, 'later');
    await writeFile(file, `courant backup 2\n${'x'.repeat(100)}`);

    await expect(openBackup(file)).rejects.toMatchObject({ code: 'backup_format_unknown' });
  });
});

describe('a restore', { timeout: FAR_TOO_LONG_MS }, () => {
  it('brings an older schema up to this version', async () => {
    const old = await emptyTarget();
    const session = await openBulkSession(old, 'test');
    await session.query('begin');
    await migrateWithin(session, { from: 0, to: 17 });
    await session.query('commit');
    await session.query(
      `insert into newsletters (slug, name, cutoff_at, created_at, updated_at) values ('old', 'Old', now(), now(), now())`,
    );
    await session.close();
    const file = join(folder, 'old-schema');
    const report = await writeBackup(old, {
      file,
      force: false,
      keys: [TEST_SECRET],
      version: '0.0.9',
      now: new Date(),
    });
    expect(report.schemaVersion).toBe(17);

    const url = await emptyTarget();
    await restoreInto(url, 'old-schema');
    expect(await query(url, 'select slug from newsletters')).toEqual([{ slug: 'old' }]);
    expect(await listTables(url)).toEqual(await listTables(system.deps.databaseUrl));
  });

  it('refuses a backup of a newer schema', async () => {
    const newer = await emptyTarget();
    await withClient(newer, async (client) => {
      await client.query('create table schema_migrations (version int primary key, name text, checksum text)');
      await client.query('create table consent_seals (id bigint, hash bytea)');
      await client.query('create table settings (key text, value jsonb)');
      await client.query(`insert into schema_migrations values (9999, 'later', 'x')`);
    });
    await writeBackup(newer, {
      file: join(folder, 'newer'),
      force: false,
      keys: null,
      version: '9.0.0',
      now: new Date(),
    });

    const url = await emptyTarget();
    await expect(restoreInto(url, 'newer')).rejects.toMatchObject({
      code: 'backup_newer_than_code',
      message: expect.stringContaining('Courant 9.0.0'),
    });
    expect(await listTables(url)).toEqual([]);
  });

  it('goes into an empty database only, and changes no other', async () => {
    await backUp('again');
    const before = await digestTables(system.deps.databaseUrl);

    await expect(restoreInto(system.deps.databaseUrl, 'again')).rejects.toMatchObject({ code: 'database_not_empty' });
    expect(await digestTables(system.deps.databaseUrl)).toEqual(before);
  });

  it('leaves nothing when it is stopped, or the database goes away, in the middle', async () => {
    await backUp('middle');
    const url = await emptyTarget();

    const stop = new AbortController();
    const stopped = restoreBackup(url, await openBackup(join(folder, 'middle')), {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(await listTables(url)).toEqual([]);

    const cut = restoreBackup(url, await openBackup(join(folder, 'middle')), {
      beforeCommit: async () => {
        await query(
          url,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'courant-restore'`,
        );
      },
    });
    await expect(cut).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(await listTables(url)).toEqual([]);

    await restoreInto(url, 'middle');
    expect(await listTables(url)).toEqual(await listTables(system.deps.databaseUrl));
  });

  it('says so when the database lets it not in', async () => {
    await backUp('door');
    const stranger = new URL(await emptyTarget());
    stranger.pathname = '/there_is_no_such_database';
    await expect(restoreInto(stranger.href, 'door')).rejects.toMatchObject({ kind: 'setting' });

    const [owner] = targets;
    const url = new URL(owner?.url ?? '');
    const client = new pg.Client(url.href);
    await client.connect();
    await client.query(`create role visitor_${process.pid} login password 'x'`);
    try {
      url.username = `visitor_${process.pid}`;
      url.password = 'x';
      await expect(restoreInto(url.href, 'door')).rejects.toMatchObject({ kind: 'setting' });
    } finally {
      await client.query(`drop role visitor_${process.pid}`);
      await client.end();
    }
  });
});
