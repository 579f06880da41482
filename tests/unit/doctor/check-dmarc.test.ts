import { describe, expect, it } from 'vitest';
import { checkDmarc } from '../../../src/doctor/check-dmarc.ts';
import { createFakeDns } from '../../support/fake-dns.ts';
import type { FakeZone } from '../../support/fake-dns.ts';

const look = (domain: string, zone: FakeZone, silent: readonly string[] = [], returnPath?: string) =>
  checkDmarc(createFakeDns(zone, silent), domain, returnPath);

describe('DMARC', () => {
  it('takes the record of the From domain itself', async () => {
    const check = await look('news.example.com', {
      'TXT _dmarc.news.example.com': ['v=DMARC1; p=quarantine; rua=mailto:reports@example.com'],
      'TXT _dmarc.example.com': ['v=DMARC1; p=reject'],
    });
    expect(check).toMatchObject({ state: 'ok', message: 'news.example.com: asks for quarantine' });
  });

  it('walks up the tree of names where there is none, and takes sp of what it finds (R11)', async () => {
    const zone = {
      'TXT _dmarc.example.com': ['v=DMARC1; p=reject; sp=quarantine'],
      'A a.mail.example.com': ['203.0.113.1'],
    };
    expect(await look('a.mail.example.com', zone)).toMatchObject({
      message: 'a.mail.example.com: asks for quarantine (from example.com)',
    });
  });

  it('skips from a long name to its last seven labels, and finds the record above (R11)', async () => {
    const domain = 'a.b.c.d.e.f.g.h.i.j.mail.example.com';
    const asked: string[] = [];
    const dns = createFakeDns({ 'TXT _dmarc.example.com': ['v=DMARC1; p=none'] });
    const check = await checkDmarc((name, type) => {
      asked.push(name);
      return dns(name, type);
    }, domain);
    expect(check).toMatchObject({ state: 'ok', message: expect.stringContaining('(from example.com)') });
    const walked = [...new Set(asked.filter((name) => name.startsWith('_dmarc.')))];
    expect(walked.slice(0, 3)).toEqual([
      `_dmarc.${domain}`,
      '_dmarc.g.h.i.j.mail.example.com',
      '_dmarc.h.i.j.mail.example.com',
    ]);
    expect(walked).toHaveLength(8);
  });

  it('takes np for a name that is not there (R11)', async () => {
    const zone = { 'TXT _dmarc.example.com': ['v=DMARC1; p=none; sp=none; np=reject'] };
    expect(await look('typo.example.com', zone)).toMatchObject({ message: expect.stringContaining('asks for reject') });
  });

  it('takes the record of a public suffix for a domain right below it (R11)', async () => {
    const zone = { 'TXT _dmarc.gov.example': ['v=DMARC1; p=reject; psd=y'], 'A city.gov.example': ['203.0.113.1'] };
    expect(await look('city.gov.example', zone)).toMatchObject({
      message: 'city.gov.example: asks for reject (from gov.example)',
    });
  });

  it('ends the walk at psd=n (R11)', async () => {
    const zone = {
      'TXT _dmarc.mail.example.com': ['v=DMARC1; p=none; psd=n'],
      'TXT _dmarc.example.com': ['v=DMARC1; p=reject'],
      'A a.mail.example.com': ['203.0.113.1'],
    };
    expect(await look('a.mail.example.com', zone)).toMatchObject({
      message: 'a.mail.example.com: asks for none (from mail.example.com)',
    });
  });

  it('asks one step less in test mode, and ignores pct, rf and ri, which are gone (R11)', async () => {
    const zone = { 'TXT _dmarc.example.com': ['v=DMARC1; p=reject; t=y; pct=10; rf=afrf; ri=60'] };
    expect(await look('example.com', zone)).toMatchObject({
      state: 'ok',
      message: 'example.com: asks for quarantine, in test mode',
    });
  });

  it('is content with strict alignment, since d= and the return path are the From domain', async () => {
    const zone = { 'TXT _dmarc.example.com': ['v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:r@example.com'] };
    expect(await look('example.com', zone)).toMatchObject({ state: 'ok' });
  });

  describe('with a return path of its own', () => {
    const zone = { 'TXT _dmarc.example.com': ['v=DMARC1; p=reject; rua=mailto:r@example.com'] };

    it('is content when it is below the same domain (R12)', async () => {
      expect(await look('example.com', zone, [], 'bounces.example.com')).toMatchObject({ state: 'ok' });
    });

    it.each([
      ['elsewhere', zone, 'bounces.example.net', 'such as bounces.example.com'],
      [
        'below it where strict alignment is asked for',
        { 'TXT _dmarc.example.com': ['v=DMARC1; p=reject; aspf=s'] },
        'bounces.example.com',
        'take aspf=s out',
      ],
    ])('warns that only a signature aligns when it is %s (R12)', async (_, records, returnPath, advice) => {
      expect(await look('example.com', records, [], returnPath)).toMatchObject({
        state: 'warning',
        message: expect.stringContaining(`the return path ${returnPath} does not align`),
        advice: expect.stringContaining(advice),
      });
    });
  });

  it('advises to ask for reports where there are none', async () => {
    const check = await look('example.com', { 'TXT _dmarc.example.com': ['v=DMARC1; p=reject'] });
    expect(check.advice).toContain('rua=');
  });

  it.each([
    ['there is none', [], 'has no DMARC record'],
    ['there are two', ['v=DMARC1; p=none', 'v=DMARC1; p=reject'], '2 DMARC records'],
    ['it is not valid', ['v=DMARC1; p=perhaps'], 'not valid'],
  ])('fails when %s', async (_, records, message) => {
    const zone = records.length === 0 ? {} : { 'TXT _dmarc.example.com': records };
    expect(await look('example.com', zone)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining(message),
    });
  });

  it('could not look when DNS does not answer', async () => {
    expect(await look('example.com', {}, ['example.com'])).toMatchObject({ state: 'unknown' });
  });
});
