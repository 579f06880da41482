import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskAddress, parseEmailAddress } from '../../../src/shared/email-address.ts';

describe('parseEmailAddress', () => {
  it.each([
    ['reader@example.org', 'reader@example.org', 'reader@example.org'],
    ['  reader@example.org\r\n', 'reader@example.org', 'reader@example.org'],
    ['Rita.Reader@Example.ORG', 'Rita.Reader@example.org', 'rita.reader@example.org'],
    ["o'neil+news@mail.example.co.uk", "o'neil+news@mail.example.co.uk", "o'neil+news@mail.example.co.uk"],
    ['a@b.museum', 'a@b.museum', 'a@b.museum'],
    ['!#$&*/=?^_{}~@example.org', '!#$&*/=?^_{}~@example.org', '!#$&*/=?^_{}~@example.org'],
    ['用户@example.org', '用户@example.org', '用户@example.org'],
    ['Mu\u0308ller@example.org', 'Müller@example.org', 'müller@example.org'],
    ['info@Bücher.example', 'info@xn--bcher-kva.example', 'info@xn--bcher-kva.example'],
    ['müller@xn--bcher-kva.example', 'müller@bücher.example', 'müller@xn--bcher-kva.example'],
    ['用户@例子.公司', '用户@例子.公司', '用户@xn--fsqu00a.xn--55qx5d'],
    ['info@xn--bcher-kva.example', 'info@xn--bcher-kva.example', 'info@xn--bcher-kva.example'],
    ['info@faß.example', 'info@xn--fa-hia.example', 'info@xn--fa-hia.example'],
  ])('takes %j, mails it as %j and knows it as %j', (input, address, key) => {
    expect(parseEmailAddress(input)).toEqual({ address, key });
  });

  it.each([
    ['nothing', ''],
    ['no at sign', 'reader.example.org'],
    ['no local part', '@example.org'],
    ['no domain', 'reader@'],
    ['a domain without a dot', 'reader@localhost'],
    ['a dot at an end', '.reader@example.org'],
    ['two dots in a row', 'rea..der@example.org'],
    ['a root dot', 'reader@example.org.'],
    ['a label that begins with a hyphen', 'reader@-example.org'],
    ['an underscore in the domain', 'reader@exam_ple.org'],
    ['an IPv4 address', 'reader@127.0.0.1'],
    ['an IPv4 address in hex', 'reader@0x7f.1'],
    ['an address literal', 'reader@[127.0.0.1]'],
    ['a long local part', `${'a'.repeat(65)}@example.org`],
    ['a local part that is long in octets only', `${'ü'.repeat(33)}@example.org`],
    ['a long address', `reader@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(61)}.org`],
  ])('refuses %s', (_what, input) => {
    expect(parseEmailAddress(input)).toBeUndefined();
  });

  it.each([
    ['a second address', 'reader@example.org,evil@example.net'],
    ['a second address after a semicolon', 'reader@example.org;evil@example.net'],
    ['two at signs', 'reader@example.org@evil.example'],
    ['a quoted local part with an at sign (CVE-2025-13033)', '"reader@example.org evil"@evil.example'],
    ['a quoted local part', '"rita reader"@example.org'],
    ['a display name', 'Rita <reader@example.org>'],
    ['a comment', 'reader(evil)@example.org'],
    ['a group', 'undisclosed-recipients:reader@example.org;'],
    ['a source route', '@relay.example:reader@example.org'],
    ['a line break', 'reader@example.org\r\nRCPT TO:<evil@example.net>'],
    ['a header behind a line break', 'reader\nBcc: evil@example.net@example.org'],
    ['a null byte', 'reader@example.org\0.evil.example'],
    ['a space', 'rea der@example.org'],
    ['a no-break space', 'rea\u00a0der@example.org'],
    ['a backslash', 'rea\\der@example.org'],
    ['a reversed reading direction', 'reader\u202e@example.org'],
    ['an invisible character', 'rea\u200bder@example.org'],
    ['a soft hyphen in the domain', 'reader@exam\u00adple.org'],
    ['a percent-encoded letter of the domain', 'reader@ex%61mple.org'],
    ['a path after the domain', 'reader@example.org/x'],
    ['a query after the domain', 'reader@example.org?x'],
    ['a fragment after the domain', 'reader@example.org#x'],
    ['a port', 'reader@example.org:25'],
  ])('refuses %s', (_what, input) => {
    expect(parseEmailAddress(input)).toBeUndefined();
  });

  it.each([
    ['full-width letters', 'reader@ｅｘａｍｐｌｅ.org'],
    ['an ideographic full stop', 'reader@example。org'],
  ])('mails what a domain with %s stands for, not a second spelling of it', (_what, input) => {
    expect(parseEmailAddress(input)).toEqual({ address: 'reader@example.org', key: 'reader@example.org' });
  });

  it('lets nothing through that anybody could read as something else', () => {
    const hostile = fc.constantFrom(...Array.from('@@..,;:<>()[]"\\ \t\r\n\0%/?#\u200b\u202e。．＠ｅüß用-_+'));
    const part = fc.string({ unit: fc.oneof(fc.constantFrom('a', 'b', 'z', '0', '9'), hostile), maxLength: 12 });
    const anything = fc.integer({ min: 0, max: 0x10_ff_ff }).map((codePoint) => String.fromCodePoint(codePoint));
    const text = fc.oneof(
      fc.string({ unit: anything, maxLength: 40 }),
      fc.tuple(part, part).map(([local, domain]) => `${local}@${domain}.org`),
    );

    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseEmailAddress(input);
        if (parsed === undefined) {
          return;
        }
        const [local = '', domain = '', ...more] = parsed.address.split('@');
        expect(more).toEqual([]);
        expect(parsed.address).not.toMatch(/[\p{Cc}\p{Cf}\s"(),:;<>[\]\\]/u);
        expect(domain).toMatch(/^[\p{L}\p{M}\p{N}.-]+$/u);
        expect(parsed.key).toBe(`${local.toLowerCase().normalize('NFC')}@${domainToASCII(domain)}`);
        expect(Buffer.byteLength(local)).toBeLessThanOrEqual(64);
        expect(parseEmailAddress(parsed.address)).toEqual(parsed);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('maskAddress', () => {
  it.each([
    ['reader@example.org', 'r•••@example.org'],
    ['r@example.org', 'r•••@example.org'],
    ['😀reader@example.org', '😀•••@example.org'],
    ['reader@xn--bcher-kva.example', 'r•••@bücher.example'],
  ])('shows of %s only what its owner needs to know it by', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });
});
