import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/index.ts';
import { createDkimKey, dnsRecordOf } from '../../../src/dkim/index.ts';
import { examine } from '../../../src/doctor/index.ts';
import type { Check, DnsLookup } from '../../../src/doctor/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { createKeyring } from '../../../src/shared/keyring.ts';
import { createFakeDns } from '../../support/fake-dns.ts';
import type { FakeZone } from '../../support/fake-dns.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

const HOST = 'mail.courant.example';
const INTERNET: FakeZone = { 'NS com': ['a.gtld-servers.net'] };
const ADDRESS = '93.184.215.14';

let system: TestSystem;
let zone: FakeZone;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  // A key that was made yesterday signs by now.
  const yesterday = { ...systemClock, now: () => new Date(Date.now() - 86_400_000) };
  const key = await createDkimKey(
    { ...system.deps, clock: yesterday },
    { domain: 'courant.example', actor: CLI_ACTOR },
  );
  const { name, value } = dnsRecordOf(key);
  zone = {
    ...INTERNET,
    [`TXT ${name}`]: [value],
    'TXT courant.example': ['v=spf1 a:mail.courant.example -all'],
    'TXT _dmarc.courant.example': ['v=DMARC1; p=reject; rua=mailto:reports@courant.example'],
    [`A ${HOST}`]: [ADDRESS],
    'PTR 14.215.184.93.in-addr.arpa': [HOST],
  };
});
afterAll(() => system.stop());
afterEach(() => system.sink.clear());

interface Looking {
  readonly dns?: DnsLookup;
  readonly config?: Partial<Config>;
  readonly to?: string;
}

function look({ dns = createFakeDns({}), config = {}, to }: Looking = {}): Promise<readonly Check[]> {
  const deps = { ...system.deps, dns, hostName: HOST, config: { ...system.deps.config, ...config } };
  return examine(deps, { testAddress: to, actor: CLI_ACTOR });
}

const IN_THE_WORLD = { publicUrlIsLoopback: false } as const;
const named = (checks: readonly Check[], name: string): readonly Check[] =>
  checks.filter((check) => check.name === name);

describe('the doctor', () => {
  it('asks nothing of DNS while mail stays on this machine, and finds nothing that failed', async () => {
    const asked: string[] = [];
    const checks = await look({
      dns: (name) => {
        asked.push(name);
        return Promise.reject(new Error('nobody was to ask'));
      },
    });
    expect(asked).toEqual([]);
    expect(checks.filter(({ state }) => state === 'failed')).toEqual([]);
    for (const name of ['spf', 'dkim', 'dmarc', 'ptr', 'https']) {
      expect(named(checks, name)).toMatchObject([{ state: 'ok', message: expect.stringMatching(/^not needed yet/) }]);
    }
  });

  it('finds everything in order when it is', async () => {
    const checks = await look({ dns: createFakeDns(zone), config: IN_THE_WORLD });
    for (const name of ['relay', 'spf', 'dkim', 'dmarc', 'ptr', 'https', 'one-click']) {
      expect(named(checks, name)).toMatchObject([{ state: 'ok' }]);
    }
  });

  it('looks at the domain of the return path instead when there is one (R12)', async () => {
    const config = { ...IN_THE_WORLD, bounceDomain: 'bounces.courant.example' };
    const own = {
      'TXT bounces.courant.example': ['v=spf1 a:mail.courant.example -all'],
      'MX bounces.courant.example': [HOST],
    };
    const checks = await look({ dns: createFakeDns({ ...zone, ...own }), config });
    for (const name of ['spf', 'dmarc', 'bounces']) {
      expect(named(checks, name)).toMatchObject([{ state: 'ok' }]);
    }
    expect(named(checks, 'spf')[0]?.message).toContain('bounces.courant.example');
    expect(named(checks, 'bounces')[0]?.message).toContain(HOST);

    const without = await look({ dns: createFakeDns(zone), config });
    for (const name of ['spf', 'bounces']) {
      expect(named(without, name)).toMatchObject([{ state: 'failed', advice: expect.any(String) }]);
    }
    const refusing = createFakeDns({ ...zone, ...own, 'MX bounces.courant.example': [''] });
    expect(named(await look({ dns: refusing, config }), 'bounces')).toMatchObject([
      { state: 'failed', message: expect.stringContaining('null MX') },
    ]);
  });

  it('finds what fails in DNS', async () => {
    const checks = await look({ dns: createFakeDns(INTERNET), config: IN_THE_WORLD });
    for (const name of ['spf', 'dkim', 'dmarc']) {
      expect(named(checks, name)).toMatchObject([{ state: 'failed', advice: expect.any(String) }]);
    }
    expect(named(checks, 'ptr')).toMatchObject([{ state: 'warning' }]);
  });

  it.each([
    ['does not answer', createFakeDns({}, [''])],
    ['knows no name of the internet', createFakeDns({})],
  ])('could not look when DNS %s, which is no failure', async (_, dns) => {
    const checks = await look({ dns, config: IN_THE_WORLD });
    for (const name of ['spf', 'dkim', 'dmarc', 'ptr']) {
      expect(named(checks, name)).toMatchObject([
        { state: 'unknown', message: expect.stringContaining('could not look') },
      ]);
    }
  });

  it('says which relay does not let us in', async () => {
    const relays = await system.deps.findRelays();
    const away = relays.map((relay) => ({ ...relay, key: '127.0.0.1:1', port: 1 }));
    const findRelays = () => Promise.resolve([...relays, ...away]);
    const deps = { ...system.deps, findRelays, dns: createFakeDns({}), hostName: HOST };
    const checks = await examine(deps, { actor: CLI_ACTOR });
    expect(named(checks, 'relay')).toMatchObject([
      { state: 'ok' },
      { state: 'failed', message: expect.stringContaining('127.0.0.1:1') },
    ]);
  });
});

describe('the one-click self-test (R1, R2)', () => {
  it('presses the link of a mail that is signed over both headers, and changes nothing', async () => {
    const before = await countRows();
    const [check] = named(await look(), 'one-click');
    expect(check).toMatchObject({ state: 'ok', message: expect.stringContaining('both headers are there and signed') });
    expect(await countRows()).toEqual(before);
  });

  it('warns about mail that leaves unsigned', async () => {
    const mailFrom = 'news@unsigned.example';
    const [local] = named(await look({ config: { mailFrom } }), 'one-click');
    expect(local).toMatchObject({ state: 'ok', message: expect.stringContaining('not needed yet') });
    const [check] = named(await look({ config: { ...IN_THE_WORLD, mailFrom } }), 'one-click');
    expect(check).toMatchObject({ state: 'warning', message: expect.stringContaining('unsigned') });
  });

  it.each([
    ['a redirect', 302, { location: '/elsewhere' }],
    ['a refusal', 403, {}],
  ])('fails at %s', async (_, status, headers) => {
    const server = createServer((_req, res) => void res.writeHead(status, headers).end());
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const [check] = named(await look({ config: { publicUrl } }), 'one-click');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(check).toMatchObject({ state: 'failed', message: expect.stringContaining(String(status)) });
  });

  it('fails when the key that signs cannot be read', async () => {
    const keyring = createKeyring(['quite another secret, long enough for this']);
    const deps = { ...system.deps, keyring, dns: createFakeDns({}), hostName: HOST };
    const [check] = named(await examine(deps, { actor: CLI_ACTOR }), 'one-click');
    expect(check).toMatchObject({ state: 'failed', message: expect.stringContaining('SECRET_KEY') });
  });
});

describe('the test mail', () => {
  it('goes through the relay, signed and marked as a test, and the answer is told', async () => {
    const [check] = named(await look({ to: 'ada@example.org' }), 'test mail');
    expect(check).toMatchObject({ state: 'ok', message: expect.stringContaining('250') });
    const sunk = await system.sink.waitForMail(({ recipients }) => recipients.includes('ada@example.org'));
    const mail = await PostalMime.parse(sunk.raw);
    expect(mail.subject).toBe('[Test] A test of our mail');
    expect(mail.headers.map(({ key }) => key)).toContain('dkim-signature');
    const audit = await system.deps.db
      .selectFrom('audit_log')
      .selectAll()
      .where('action', '=', 'test-mail.sent')
      .execute();
    expect(audit).toHaveLength(1);
    expect(JSON.stringify(audit)).not.toContain('ada@');
  });

  it('leaves here unsigned by a relay that signs, and DKIM is left to it (R12)', async () => {
    const relays = (await system.deps.findRelays()).map((relay) => ({ ...relay, isSigned: false }));
    const deps = {
      ...system.deps,
      findRelays: () => Promise.resolve(relays),
      dns: createFakeDns(INTERNET),
      hostName: HOST,
      config: { ...system.deps.config, ...IN_THE_WORLD, signsMail: false, bounceDomain: 'bounces.courant.example' },
    };
    const checks = await examine(deps, { actor: CLI_ACTOR, testAddress: 'ada@example.net' });
    expect(named(checks, 'dkim')).toMatchObject([{ state: 'ok', message: expect.stringContaining('sign=off') }]);
    expect(named(checks, 'one-click')).toMatchObject([
      { state: 'ok', message: expect.stringContaining('your relay has to sign both') },
    ]);
    const [mail] = system.sink.mails;
    expect(mail?.sender).toMatch(/^bounce\+[\da-f]{48}@bounces\.courant\.example$/);
    expect(mail?.raw.toString()).not.toMatch(/^DKIM-Signature:/m);
  });

  it('fails with the words of a relay that refuses it', async () => {
    system.sink.script(() => ({ kind: 'refuse-recipient', code: 550, text: '5.1.1 nobody here' }));
    const [check] = named(await look({ to: 'nobody@example.org' }), 'test mail');
    system.sink.script(() => undefined);
    expect(check).toMatchObject({ state: 'failed', message: expect.stringContaining('nobody here') });
  });

  it('says so when the answer never came', async () => {
    system.sink.script(() => ({ kind: 'cut-after-dot' }));
    const [check] = named(await look({ to: 'ada@example.org' }), 'test mail');
    system.sink.script(() => undefined);
    expect(check).toMatchObject({ state: 'unknown' });
  });
});

async function countRows(): Promise<readonly unknown[]> {
  const { db } = system.deps;
  const count = (table: 'consent_records' | 'suppressions' | 'deliveries' | 'compiled_mails'): Promise<unknown> =>
    db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
  return Promise.all([count('consent_records'), count('suppressions'), count('deliveries'), count('compiled_mails')]);
}
