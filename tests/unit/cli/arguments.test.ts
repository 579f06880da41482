import { describe, expect, it } from 'vitest';
import { collectScopes, toAddress, toCampaignId, toInstant } from '../../../src/cli/arguments.ts';

describe('toInstant', () => {
  it('takes RFC 3339 with an offset', () => {
    expect(toInstant('2026-11-30T08:00:00+01:00')).toEqual(new Date('2026-11-30T07:00:00Z'));
    expect(toInstant('2026-11-30T08:00Z')).toEqual(new Date('2026-11-30T08:00:00Z'));
  });

  it.each(['2026-11-30T08:00:00', '2026-11-30', 'tomorrow', '2026-13-30T08:00:00Z', '1795000000'])(
    'refuses %s, which is another moment elsewhere or none at all',
    (text) => {
      expect(() => toInstant(text)).toThrow('RFC 3339');
    },
  );
});

describe('toCampaignId', () => {
  it.each(['0', '-1', '1.5', '1e3', '', 'abc', '99999999999999999999'])('refuses "%s"', (text) => {
    expect(() => toCampaignId(text)).toThrow('whole number');
  });

  it('takes a number', () => {
    expect(toCampaignId('42')).toBe(42);
  });
});

describe('collectScopes', () => {
  it('takes several, repeated or with commas', () => {
    const first = collectScopes('campaigns:read, campaigns:write');
    expect(collectScopes('system:read', first)).toEqual(['campaigns:read', 'campaigns:write', 'system:read']);
  });

  it('names the known ones when it refuses', () => {
    expect(() => collectScopes('campaigns:all')).toThrow(/known are .*campaigns:write/);
  });
});

it('refuses what is not one plain mail address', () => {
  expect(() => toAddress('Ada <ada@example.org>')).toThrow('not a mail address');
  expect(toAddress('Ada@Example.org')).toEqual({ address: 'Ada@example.org', key: 'ada@example.org' });
});
