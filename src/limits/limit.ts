import { domainToASCII } from 'node:url';

/** Null: no limit of that sort. */
export interface SendingLimit {
  readonly perSecond: number | null;
  readonly perHour: number | null;
  readonly perDay: number | null;
  /** Messages under way at once, of a relay connections. */
  readonly concurrency: number | null;
}

/** A relay and what `SMTP_URL` says that it may be sent; a limit that is stored for it counts instead. */
export interface LimitedRelay {
  /** As in the scope: HOST:PORT. */
  readonly key: string;
  readonly limits?:
    | {
        readonly perSecond?: number | undefined;
        readonly perHour?: number | undefined;
        readonly perDay?: number | undefined;
      }
    | undefined;
}

/** Undefined when the relay says nothing. */
export function toSendingLimit(limits: LimitedRelay['limits']): SendingLimit | undefined {
  const { perSecond = null, perHour = null, perDay = null } = limits ?? {};
  return perSecond === null && perHour === null && perDay === null
    ? undefined
    : { perSecond, perHour, perDay, concurrency: null };
}

/** `overall`, `relay:HOST:PORT`, `domain:NAME`, or `domain:*` for every domain by itself. */
export type LimitScope = string & { readonly __brand: 'LimitScope' };
/** What can be paused, and what use is counted of: a relay or one domain; use also overall. */
export type GaugeScope = LimitScope;

export const OVERALL = 'overall' as LimitScope;
export const ANY_DOMAIN = 'domain:*' as LimitScope;

export function relayScope(key: string): LimitScope {
  return `relay:${key}` as LimitScope;
}

export function domainScope(domain: string): LimitScope {
  return `domain:${domain}` as LimitScope;
}

const RELAY = /^relay:[^\s:[\]]+:\d{1,5}$|^relay:\[?[\da-f:.]+\]?:\d{1,5}$/;
const LONGEST_DOMAIN = 253;

/** As somebody typed it; a domain in any spelling. Undefined for what is no scope. */
export function parseScope(text: string): LimitScope | undefined {
  const scope = text.trim().toLowerCase();
  if (scope === OVERALL || scope === ANY_DOMAIN || RELAY.test(scope)) {
    return scope as LimitScope;
  }
  const name = /^domain:([^\s%/?#:@*]+)$/.exec(scope)?.[1];
  const domain = name === undefined ? '' : domainToASCII(name);
  return domain === '' || domain.length > LONGEST_DOMAIN ? undefined : domainScope(domain);
}

const PLAIN_DOMAIN = /^[a-z\d.-]+$/;

/** The recipient domain of an address, in the one spelling that limits know. */
export function mailDomainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  // As it is stored, nearly always; it is asked for every mail.
  return PLAIN_DOMAIN.test(domain) ? domain : domainToASCII(domain).toLowerCase() || domain.toLowerCase();
}
