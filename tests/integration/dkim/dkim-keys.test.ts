import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDkimKey, createDkimSigner, dnsRecordOf, listDkimKeys, retireDkimKey } from '../../../src/dkim/index.ts';
import type { DkimKey, DkimSigner } from '../../../src/dkim/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { OpenDatabase } from '../../../src/platform/postgres/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { createKeyring } from '../../../src/shared/keyring.ts';
import { systemRandom } from '../../../src/shared/random.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const HEADER = Buffer.from('From: news@a.example\r\nTo: reader@example.org\r\nSubject: The week\r\n');
const BODY = Buffer.from('Good morning.\r\n');
const SECRET = 'a secret of the tests that is long enough';
const OTHER_SECRET = 'another secret of the tests, long enough';
const DAY_MS = 86_400_000;

const clock = createFakeClock('2026-11-22T10:00:00Z');
let database: TestDatabase;
let opened: OpenDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  opened = openDatabase(database.url, { log: pino({ level: 'silent' }), name: 'test', maxConnections: 3 });
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

const depsOf = (secrets: readonly string[] = [SECRET]) => ({
  db: opened.db,
  clock,
  random: systemRandom,
  keyring: createKeyring(secrets),
});

const create = (domain: string, more: { selector?: string; signsFrom?: Date } = {}): Promise<DkimKey> =>
  createDkimKey(depsOf(), { domain, ...more, actor: CLI_ACTOR });
const retire = (domain: string, selector: string): Promise<DkimKey> =>
  retireDkimKey(depsOf(), { domain, selector, actor: CLI_ACTOR });
const newSigner = (secrets?: readonly string[]): DkimSigner => createDkimSigner(depsOf(secrets));
const sign = (signer: DkimSigner, fromDomain: string, createdAt: Date): Promise<Buffer | null> =>
  signer.sign({ header: HEADER, body: BODY }, { fromDomain, createdAt });

function selectorIn(field: Buffer | null): string | undefined {
  return field === null ? undefined : /s=([^;]+);/.exec(field.toString())?.[1];
}

describe('a key', () => {
  it('signs what its own DNS record verifies', async () => {
    const key = await create('a.example');
    clock.advance(DAY_MS);
    const field = await sign(newSigner(), 'A.Example', clock.now());
    const bytes = Buffer.concat([field ?? Buffer.from(''), HEADER, Buffer.from('\r\n'), BODY]);
    const { name, value, zoneValue } = dnsRecordOf(key);
    const asked: string[] = [];
    const { results } = await dkimVerify(bytes, {
      resolver: (asking) => {
        asked.push(asking);
        return Promise.resolve([[value.slice(0, 255), value.slice(255)]]);
      },
    });
    expect(asked).toEqual([name]);
    expect(results[0]?.status).toMatchObject({ result: 'pass', aligned: 'a.example' });
    expect(zoneValue.split('" "').every((text) => text.replaceAll('"', '').length <= 255)).toBe(true);
  });

  it('is stored sealed, and its making and retiring are recorded', async () => {
    const key = await create('sealed.example');
    await retire('sealed.example', key.selector);
    const row = await opened.db
      .selectFrom('dkim_keys')
      .select(['sealed_private_key', 'public_key'])
      .where('id', '=', key.id)
      .executeTakeFirstOrThrow();
    // PKCS #8 begins with a sequence, and holds the modulus in the clear.
    expect(row.sealed_private_key.includes(row.public_key.subarray(40, 200))).toBe(false);
    const actions = await opened.db
      .selectFrom('audit_log')
      .select(['action', 'actor'])
      .where('subject_kind', '=', 'dkim-key')
      .where('subject_id', '=', String(key.id))
      .orderBy('id')
      .execute();
    expect(actions).toEqual([
      { action: 'dkim-key.created', actor: 'cli' },
      { action: 'dkim-key.retired', actor: 'cli' },
    ]);
  });

  it('gets a selector that tells the day, and another one on the same day', async () => {
    const [first, second] = [await create('days.example'), await create('days.example')];
    const day = clock.now().toISOString().slice(0, 10).replaceAll('-', '');
    expect([first.selector, second.selector]).toEqual([`courant-${day}`, `courant-${day}-2`]);
  });

  it('is refused for what is no domain or no selector', async () => {
    await expect(create('news@a.example')).rejects.toMatchObject({ code: 'dkim_domain_invalid' });
    await expect(create('localhost')).rejects.toMatchObject({ code: 'dkim_domain_invalid' });
    await expect(create('a.example', { selector: 'a b' })).rejects.toMatchObject({ code: 'dkim_selector_invalid' });
  });

  it('never has the selector of another one, not even of a retired one or at the same moment', async () => {
    const twice = await Promise.allSettled([
      create('twice.example', { selector: 'One' }),
      create('twice.example', { selector: 'one' }),
    ]);
    expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await retire('twice.example', 'one');
    await expect(create('twice.example', { selector: 'one' })).rejects.toMatchObject({ code: 'dkim_selector_taken' });
    await expect(retire('twice.example', 'one')).rejects.toMatchObject({ code: 'dkim_key_retired' });
    await expect(retire('twice.example', 'two')).rejects.toMatchObject({ code: 'dkim_key_unknown' });
  });

  it('of an international domain is kept in A-labels and signs mail from either spelling', async () => {
    const key = await create('bücher.example');
    expect(key.domain).toBe('xn--bcher-kva.example');
    clock.advance(DAY_MS);
    expect(selectorIn(await sign(newSigner(), 'bücher.example', clock.now()))).toBe(key.selector);
    expect(selectorIn(await sign(newSigner(), 'xn--bcher-kva.example', clock.now()))).toBe(key.selector);
  });
});

describe('which key signs', () => {
  it('is decided by when the delivery was made, so that a retry is byte-identical across a change of keys (R7)', async () => {
    const [first, later] = [
      await create('change.example', { selector: 'first' }),
      new Date(clock.now().getTime() + DAY_MS),
    ];
    await create('change.example', { selector: 'second', signsFrom: later });
    clock.advance(DAY_MS / 2);
    const made = clock.now();
    const signer = newSigner();
    const atFirst = await sign(signer, 'change.example', made);

    clock.advance(DAY_MS);
    await retire('change.example', 'first');
    clock.advance(DAY_MS);

    expect(selectorIn(atFirst)).toBe(first.selector);
    expect(await sign(signer, 'change.example', made)).toEqual(atFirst);
    expect(await sign(newSigner(), 'change.example', made)).toEqual(atFirst);
    expect(selectorIn(await sign(signer, 'change.example', clock.now()))).toBe('second');
  });

  it('is none for other domains, for those below, and for mails made before the first key', async () => {
    const before = clock.now();
    await create('exact.example');
    clock.advance(DAY_MS);
    const signer = newSigner();
    expect(await sign(signer, 'exact.example', before)).toBeNull();
    expect(await sign(signer, 'news.exact.example', clock.now())).toBeNull();
    expect(await sign(signer, 'unknown.example', clock.now())).toBeNull();
  });

  it('is known to every worker before it signs, however lately that worker looked', async () => {
    const signer = newSigner();
    await sign(signer, 'fresh.example', clock.now());
    const key = await create('fresh.example');
    const madeAt: [Date, string | undefined][] = [];
    for (let seconds = 0; seconds < 20; seconds += 1) {
      clock.advance(1000);
      madeAt.push([clock.now(), selectorIn(await sign(signer, 'fresh.example', clock.now()))]);
    }
    const expected = madeAt.map(([at]) => (at >= key.signsFrom ? key.selector : undefined));
    expect(madeAt.map(([, selector]) => selector)).toEqual(expected);
    expect(expected).toContain(undefined);
    // Another worker, later, signs each of them alike.
    const again = await Promise.all(madeAt.map(([at]) => sign(newSigner(), 'fresh.example', at)));
    expect(again.map(selectorIn)).toEqual(expected);
  });

  it('is the other one when the newer is retired', async () => {
    await create('back.example', { selector: 'old' });
    clock.advance(DAY_MS);
    await create('back.example', { selector: 'new' });
    clock.advance(DAY_MS);
    await retire('back.example', 'new');
    clock.advance(DAY_MS);
    expect(selectorIn(await sign(newSigner(), 'back.example', clock.now()))).toBe('old');
  });
});

describe('a key that cannot be read', () => {
  it('holds the mail back and says what to do, instead of letting it go unsigned', async () => {
    await create('shut.example');
    clock.advance(DAY_MS);
    await expect(sign(newSigner([OTHER_SECRET]), 'shut.example', clock.now())).rejects.toMatchObject({
      code: 'dkim_key_unreadable',
      retryable: true,
      message: expect.stringContaining('SECRET_KEY'),
    });
    expect(await sign(newSigner([OTHER_SECRET, SECRET]), 'shut.example', clock.now())).not.toBeNull();
  });

  it('is one whose row was changed by hand', async () => {
    const [mine, other] = [await create('swap.example'), await create('other-swap.example')];
    const { sealed_private_key: sealed } = await opened.db
      .selectFrom('dkim_keys')
      .select('sealed_private_key')
      .where('id', '=', other.id)
      .executeTakeFirstOrThrow();
    await opened.db.updateTable('dkim_keys').set({ sealed_private_key: sealed }).where('id', '=', mine.id).execute();
    clock.advance(DAY_MS);
    await expect(sign(newSigner(), 'swap.example', clock.now())).rejects.toMatchObject({ code: 'dkim_key_unreadable' });
  });
});

it('lists keys by domain, oldest first', async () => {
  const keys = (await listDkimKeys(opened.db)).filter(({ domain }) => domain === 'back.example');
  expect(keys.map(({ selector }) => selector)).toEqual(['old', 'new']);
});
