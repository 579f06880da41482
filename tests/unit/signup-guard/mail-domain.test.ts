import { describe, expect, it } from 'vitest';
import { parseEmailAddress } from '../../../src/shared/email-address.ts';
import type { ParsedAddress } from '../../../src/shared/email-address.ts';
import { createDomainCheck } from '../../../src/signup-guard/mail-domain.ts';
import type { MailResolver } from '../../../src/signup-guard/mail-resolver.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function addressAt(domain: string): ParsedAddress {
  const address = parseEmailAddress(`reader@${domain}`);
  if (address === undefined) {
    throw new Error('no address');
  }
  return address;
}

const silent: MailResolver = {
  mailHosts: () => Promise.reject(new Error('no DNS here')),
  hasAddress: () => Promise.reject(new Error('no DNS here')),
};

function resolverOf(mailHosts: readonly string[], hasAddress = false): MailResolver & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    mailHosts: (domain) => {
      asked.push(domain);
      return Promise.resolve(mailHosts);
    },
    hasAddress: () => Promise.resolve(hasAddress),
  };
}

describe('SIGNUP_CHECK_MX', () => {
  const settings = { refuseDisposable: false, checkMx: true };

  it.each([
    ['has mail hosts', resolverOf(['mx.example.org']), undefined],
    ['has no MX and an address, which takes mail (RFC 5321)', resolverOf([], true), undefined],
    ['has neither', resolverOf([]), 'takes-no-mail'],
    ['says that it takes no mail, although it has an address (RFC 7505)', resolverOf([''], true), 'takes-no-mail'],
    ['cannot be asked about', silent, undefined],
  ])('decides about a domain that %s', async (_what, resolver, problem) => {
    const find = createDomainCheck({ clock: createFakeClock(), settings, resolver });

    expect(await find(addressAt('example.org'))).toBe(problem);
  });

  it('asks once an hour, however many sign up, and by the A-label', async () => {
    const clock = createFakeClock();
    const resolver = resolverOf(['mx.example.org']);
    const find = createDomainCheck({ clock, settings, resolver });

    await Promise.all([find(addressAt('bücher.example')), find(addressAt('BÜCHER.example'))]);
    clock.advance(3_599_000);
    await find(addressAt('bücher.example'));
    expect(resolver.asked).toEqual(['xn--bcher-kva.example']);

    clock.advance(2000);
    await find(addressAt('bücher.example'));
    expect(resolver.asked).toHaveLength(2);
  });

  it('asks again after a minute when DNS did not answer', async () => {
    const clock = createFakeClock();
    let asked = 0;
    const resolver: MailResolver = {
      ...silent,
      mailHosts: () => {
        asked += 1;
        return Promise.reject(new Error('SERVFAIL'));
      },
    };
    const find = createDomainCheck({ clock, settings, resolver });

    await find(addressAt('example.org'));
    await find(addressAt('example.org'));
    expect(asked).toBe(1);
    clock.advance(60_001);
    await find(addressAt('example.org'));

    expect(asked).toBe(2);
  });
});

describe('SIGNUP_REFUSE_DISPOSABLE', () => {
  const find = createDomainCheck({
    clock: createFakeClock(),
    settings: { refuseDisposable: true, checkMx: false },
    resolver: silent,
  });

  it.each([
    ['mailinator.com', 'disposable'],
    ['inbox.mailinator.com', 'disposable'],
    ['mailinator.com.example.org', undefined],
    ['example.org', undefined],
    ['gmail.com', undefined],
  ])('finds %s to be %s', async (domain, problem) => {
    expect(await find(addressAt(domain))).toBe(problem);
  });

  it('is off unless it is set, and then asks nobody', async () => {
    const off = createDomainCheck({
      clock: createFakeClock(),
      settings: { refuseDisposable: false, checkMx: false },
      resolver: silent,
    });

    expect(await off(addressAt('mailinator.com'))).toBeUndefined();
  });
});
