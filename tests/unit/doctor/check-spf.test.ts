import { describe, expect, it } from 'vitest';
import { checkSpf } from '../../../src/doctor/check-spf.ts';
import { createFakeDns } from '../../support/fake-dns.ts';
import type { FakeZone } from '../../support/fake-dns.ts';

const RELAY = { name: 'smtp.mailer.example', isHere: false, addresses: ['203.0.113.7'] };
const HERE = { name: 'mail.news.example', isHere: true, addresses: ['203.0.113.9'] };

function look(record: readonly string[], more: FakeZone = {}, hosts = [RELAY]) {
  const zone = record.length === 0 ? more : { 'TXT news.example': record, ...more };
  return checkSpf(createFakeDns(zone), 'news.example', hosts);
}

describe('SPF', () => {
  it('is fine when the record lets the relay pass and nobody else', async () => {
    expect(await look(['some other text', 'v=spf1 ip4:203.0.113.0/24 -all'])).toMatchObject({ state: 'ok' });
  });

  it('follows includes to the address of the relay', async () => {
    const more = { 'TXT _spf.provider.example': ['v=spf1 ip4:203.0.113.0/28 ~all'] };
    expect(await look(['v=spf1 include:_spf.provider.example ~all'], more)).toMatchObject({ state: 'ok' });
  });

  it('takes an include of the relay’s own domain for cover, since providers send from other addresses', async () => {
    const more = { 'TXT spf.mailer.example': ['v=spf1 ip4:198.51.100.0/28 ~all'] };
    expect(await look(['v=spf1 include:spf.mailer.example ~all'], more)).toMatchObject({ state: 'ok' });
  });

  it('warns when nothing in it shows the relay', async () => {
    const check = await look(['v=spf1 ip4:198.51.100.4 -all']);
    expect(check).toMatchObject({ state: 'warning', message: expect.stringContaining('smtp.mailer.example') });
  });

  it.each([
    ['there is none', [], 'has no SPF record'],
    ['there are two', ['v=spf1 -all', 'v=spf1 ip4:203.0.113.7 -all'], '2 SPF records'],
    ['it lets everybody pass', ['v=spf1 +all'], 'lets everybody pass'],
    ['it lets everybody pass without a sign', ['v=spf1 all'], 'lets everybody pass'],
    ['it cannot be read', ['v=spf1 ip4:nonsense -all'], 'cannot be evaluated'],
  ])('fails when %s', async (_, records, message) => {
    expect(await look(records)).toMatchObject({ state: 'failed', message: expect.stringContaining(message) });
  });

  it('fails when it asks for more than ten look-ups', async () => {
    const includes = Array.from({ length: 11 }, (_, index) => `s${index}.provider.example`);
    const more = Object.fromEntries(includes.map((name) => [`TXT ${name}`, ['v=spf1 ip4:198.51.100.4 -all']]));
    const record = `v=spf1 ${includes.map((name) => `include:${name}`).join(' ')} -all`;
    expect(await look([record], more)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('cannot be evaluated'),
    });
  });

  it.each([['v=spf1 ip4:203.0.113.7 ?all'], ['v=spf1 ip4:203.0.113.7']])(
    'warns when %s says nothing about others',
    async (record) => {
      expect(await look([record])).toMatchObject({ state: 'warning' });
    },
  );

  it('knows this machine by its own address when the relay runs here', async () => {
    expect(await look(['v=spf1 ip4:203.0.113.9 -all'], {}, [HERE])).toMatchObject({ state: 'ok' });
    expect(await look(['v=spf1 ip4:203.0.113.8 -all'], {}, [HERE])).toMatchObject({ state: 'warning' });
    expect(await look(['v=spf1 ip4:203.0.113.9 -all'], {}, [{ ...HERE, addresses: [] }])).toMatchObject({
      state: 'unknown',
    });
  });

  it('could not look when a name in the record is not answered', async () => {
    const dns = createFakeDns({ 'TXT news.example': ['v=spf1 include:gone.example -all'] }, ['gone.example']);
    expect(await checkSpf(dns, 'news.example', [RELAY])).toMatchObject({ state: 'unknown' });
  });
});
