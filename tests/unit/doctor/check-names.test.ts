import { describe, expect, it } from 'vitest';
import { checkDkim } from '../../../src/doctor/check-dkim.ts';
import { checkPointers } from '../../../src/doctor/check-pointers.ts';
import type { DkimKey } from '../../../src/dkim/index.ts';
import { createFakeDns } from '../../support/fake-dns.ts';

const NOW = new Date('2026-11-23T07:00:00Z');
const hoursAgo = (hours: number): Date => new Date(NOW.getTime() - hours * 3_600_000);

function keyOf(id: number, more: Partial<DkimKey> = {}): DkimKey {
  const createdAt = hoursAgo(100 - id);
  const publicKey = Buffer.from(`public key ${id}`.repeat(20));
  return {
    id,
    domain: 'news.example',
    selector: `s${id}`,
    publicKey,
    createdAt,
    signsFrom: createdAt,
    retiredAt: null,
    ...more,
  };
}

const recordOf = (key: DkimKey): string => `v=DKIM1; k=rsa; p=${key.publicKey.toString('base64')}`;

describe('DKIM', () => {
  const key = keyOf(1);

  it('is fine when the published key is ours, however it is cut and spaced', async () => {
    const spaced = recordOf(key)
      .replace('p=', 'p = ')
      .replace(/(.{100})/, '$1 ');
    const dns = createFakeDns({ 'TXT s1._domainkey.news.example': [spaced] });
    expect(await checkDkim(dns, 'news.example', [key], NOW)).toMatchObject([{ state: 'ok' }]);
  });

  it('warns about a domain without a key, since the relay may sign', async () => {
    const [check] = await checkDkim(createFakeDns({}), 'other.example', [key], NOW);
    expect(check).toMatchObject({ state: 'warning', advice: expect.stringContaining('dkim create other.example') });
  });

  it.each([
    ['is not there', []],
    ['holds another key than ours', [recordOf(keyOf(2))]],
    ['is withdrawn', ['v=DKIM1; p=']],
    ['is there 2 times', [recordOf(key), recordOf(keyOf(2))]],
  ])('fails when the record of the key that signs %s, and says what to publish', async (message, records) => {
    const dns = createFakeDns(records.length === 0 ? {} : { 'TXT s1._domainkey.news.example': records });
    const [check] = await checkDkim(dns, 'news.example', [key], NOW);
    expect(check).toMatchObject({
      state: 'failed',
      message: expect.stringContaining(message),
      advice: `publish as TXT: ${recordOf(key)}`,
    });
  });

  it('only warns about keys that will sign, or were replaced, and asks for none that is retired', async () => {
    const keys = [keyOf(1), keyOf(2), keyOf(3, { signsFrom: hoursAgo(-1) }), keyOf(4, { retiredAt: hoursAgo(1) })];
    const dns = createFakeDns({ 'TXT s2._domainkey.news.example': [recordOf(keyOf(2))] });
    const checks = await checkDkim(dns, 'news.example', keys, NOW);
    expect(checks.map(({ state }) => state)).toEqual(['warning', 'ok', 'warning']);
  });
});

describe('PTR', () => {
  const here = { name: 'mail.news.example', isHere: true, addresses: ['203.0.113.9', '2001:db8::9'] };
  const SIX = '9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
  const bothWays = {
    'PTR 9.113.0.203.in-addr.arpa': ['Mail.News.Example.'],
    [`PTR ${SIX}`]: ['mail.news.example'],
    'A mail.news.example': ['203.0.113.9'],
    'AAAA mail.news.example': ['2001:db8:0::9'],
  };

  it('is fine when each address has a name that leads back to it', async () => {
    const checks = await checkPointers(createFakeDns(bothWays), [here]);
    expect(checks.map(({ state }) => state)).toEqual(['ok', 'ok']);
  });

  it('leaves the address of another machine to whoever runs it', async () => {
    const relay = { name: 'smtp.mailer.example', isHere: false, addresses: ['203.0.113.7'] };
    expect(await checkPointers(createFakeDns({}), [relay])).toMatchObject([{ state: 'ok' }]);
  });

  it('fails when an address has no name, or one that leads elsewhere', async () => {
    const { [`PTR ${SIX}`]: _, ...noName } = bothWays;
    const lost = { ...noName, 'A mail.news.example': ['203.0.113.200'] };
    const checks = await checkPointers(createFakeDns(lost), [here]);
    expect(checks.map(({ message }) => message)).toEqual([
      '203.0.113.9 is called mail.news.example, which does not lead back to it',
      '2001:db8::9 has no name',
    ]);
  });

  it('warns when this machine greets with another name, or its name has no address', async () => {
    const other = await checkPointers(createFakeDns(bothWays), [
      { ...here, name: 'box.internal', addresses: ['203.0.113.9'] },
    ]);
    expect(other).toMatchObject([{ state: 'warning', message: expect.stringContaining('greets as box.internal') }]);
    expect(await checkPointers(createFakeDns({}), [{ ...here, addresses: [] }])).toMatchObject([{ state: 'warning' }]);
  });
});
