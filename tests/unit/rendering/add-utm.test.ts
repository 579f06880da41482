import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addUtm } from '../../../src/rendering/add-utm.ts';

const utm = { source: 'the weekly', medium: 'email', campaign: 'the-weekly-12', hosts: ['example.org'] };
const TAGS = 'utm_source=the%20weekly&utm_medium=email&utm_campaign=the-weekly-12';

describe('addUtm', () => {
  it.each([
    ['https://example.org/a', `https://example.org/a?${TAGS}`],
    ['https://www.example.org/a?b=1', `https://www.example.org/a?b=1&${TAGS}`],
    ['https://example.org/a?', `https://example.org/a?${TAGS}`],
    ['https://example.org/a#part', `https://example.org/a?${TAGS}#part`],
    ['https://EXAMPLE.org:8443/?q=a%20b&c=%C3%A9#x?y', `https://EXAMPLE.org:8443/?q=a%20b&c=%C3%A9&${TAGS}#x?y`],
  ])('tags %s', (address, expected) => {
    expect(addUtm(address, utm)).toBe(expected);
  });

  it.each([
    ['another host', 'https://example.com/a?sig=1#x'],
    ['a host that only ends alike', 'https://notexample.org/'],
    ['a host that only begins alike', 'https://example.org.evil.example/'],
    ['a tagged address', 'https://example.org/?utm_source=partner'],
    ['a signed address', 'https://example.org/f.pdf?X-Amz-Expires=60&X-Amz-Signature=abc'],
    ['mail', 'mailto:someone@example.org'],
    ['no address', 'not an address'],
    ['nothing', ''],
  ])('leaves %s as it is', (_name, address) => {
    expect(addUtm(address, utm)).toBe(address);
  });

  it('knows a host of its own script by either of its names', () => {
    expect(addUtm('https://xn--bcher-kva.example/', { ...utm, hosts: ['bücher.example'] })).toContain('utm_source');
  });

  it('tags nothing without a host, or with one that is none', () => {
    expect(addUtm('https://example.org/', { ...utm, hosts: [] })).toBe('https://example.org/');
    expect(addUtm('https://example.org/', { ...utm, hosts: ['', 'a b'] })).toBe('https://example.org/');
  });

  it('tags once, keeps host, path, fragment and every parameter, whatever the address', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (address) => {
        const hosts = [new URL(address).hostname];
        const tagged = addUtm(address, { ...utm, hosts });
        const [before, after] = [new URL(address), new URL(tagged)];

        expect(addUtm(tagged, { ...utm, hosts })).toBe(tagged);
        expect([after.origin, after.pathname, after.hash]).toEqual([before.origin, before.pathname, before.hash]);
        expect(after.search.startsWith(before.search)).toBe(true);
      }),
    );
  });
});
