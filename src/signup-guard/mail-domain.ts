import type { SignupSettings } from '../config/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { MailResolver } from './mail-resolver.ts';

/** Why a domain is not taken. Depends on the domain alone, never on an address. */
export type DomainProblem = 'disposable' | 'takes-no-mail';

export type FindDomainProblem = (address: ParsedAddress) => Promise<DomainProblem | undefined>;

interface DomainDeps {
  readonly clock: Clock;
  readonly settings: Pick<SignupSettings, 'refuseDisposable' | 'checkMx'>;
  readonly resolver: MailResolver;
}

const CACHED_DOMAINS = 5000;
const CACHED_MS = 3_600_000;
/** A name server that does not answer is asked again soon. */
const UNKNOWN_CACHED_MS = 60_000;
/** A reader waits for it. */
const PATIENCE_MS = 2500;

/** By SIGNUP_REFUSE_DISPOSABLE and SIGNUP_CHECK_MX; finds nothing while both are off. */
export function createDomainCheck({ clock, settings, resolver }: DomainDeps): FindDomainProblem {
  const cache = new Map<string, { readonly answer: Promise<boolean | undefined>; readonly untilMs: number }>();

  function takesMail(domain: string): Promise<boolean | undefined> {
    const nowMs = clock.monotonicMs();
    const cached = cache.get(domain);
    if (cached !== undefined && nowMs < cached.untilMs) {
      return cached.answer;
    }
    const answer = askDns(resolver, domain);
    cache.delete(domain);
    cache.set(domain, { answer, untilMs: nowMs + UNKNOWN_CACHED_MS });
    void answer.then((known) => {
      if (known !== undefined && cache.get(domain)?.answer === answer) {
        cache.set(domain, { answer, untilMs: nowMs + CACHED_MS });
      }
    });
    const oldest = cache.keys().next();
    if (cache.size > CACHED_DOMAINS && oldest.done !== true) {
      cache.delete(oldest.value);
    }
    return answer;
  }

  return async ({ key }) => {
    const domain = key.slice(key.lastIndexOf('@') + 1);
    if (settings.refuseDisposable && (await isDisposable(domain))) {
      return 'disposable';
    }
    return settings.checkMx && (await takesMail(domain)) === false ? 'takes-no-mail' : undefined;
  };
}

/** The list has 55,000 domains: loaded by whoever wants it. A domain below a listed one counts as that one. */
async function isDisposable(domain: string): Promise<boolean> {
  const { default: mailchecker } = await import('mailchecker');
  const listed = mailchecker.blacklist();
  const labels = domain.split('.');
  return labels.some((_, index) => listed.has(labels.slice(index).join('.')));
}

/** Undefined while DNS does not answer: that must refuse nobody. A lone empty MX says that there is no mail (RFC 7505). */
async function askDns(resolver: MailResolver, domain: string): Promise<boolean | undefined> {
  const ask = async (): Promise<boolean> => {
    const hosts = await resolver.mailHosts(domain);
    return hosts.length === 0 ? resolver.hasAddress(domain) : hosts.some((host) => host !== '' && host !== '.');
  };
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    return await Promise.race([ask(), patience]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
