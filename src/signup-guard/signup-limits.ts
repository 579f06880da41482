import ipaddr from 'ipaddr.js';
import type { ParsedAddress } from '../shared/email-address.ts';
import { hashForLimit } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** `gate`: refuses with 429. `delay`: never changes the answer; what is mailed comes later, or not at all. */
interface Limit {
  readonly effect: 'gate' | 'delay';
  /** That many at once, and again after `seconds`. */
  readonly count: number;
  readonly seconds: number;
  /** How long a mail may be put off; what would come later than that is never mailed. */
  readonly queueSeconds: number;
}

/**
 * R38: how much of it there may be, and why so much. A limit gives way gradually: `count` at once, after that one in each
 * `seconds / count`.
 */
const LIMITS = {
  // A household, an office, a stand at a fair behind one address. A list bomber has thousands of addresses, and is met below.
  ip: { effect: 'gate', count: 30, seconds: HOUR, queueSeconds: 0 },
  // A /24 or /48 is what a hoster rents out cheaply as a whole; a provider's carrier-grade NAT has several of them.
  network: { effect: 'gate', count: 150, seconds: HOUR, queueSeconds: 0 },
  // More than anybody asks by mistake. How many of these lead to a confirmation is decided by the transactional lane.
  address: { effect: 'delay', count: 10, seconds: DAY, queueSeconds: 0 },
  // A company or a school whose staff reads along, not one whose mail server is to be flooded through us.
  domain: { effect: 'delay', count: 300, seconds: HOUR, queueSeconds: DAY },
  // Where a third of all readers are: their operators limit us before we harm them.
  largeDomain: { effect: 'delay', count: 6000, seconds: HOUR, queueSeconds: DAY },
  // A challenge proves work once.
  proof: { effect: 'gate', count: 1, seconds: 20 * MINUTE, queueSeconds: 0 },
  // Forms without JavaScript during a burst: one confirmation a second, so that a flood becomes a trickle, and a reader still
  // gets a mail within minutes unless the flood is long.
  trickle: { effect: 'delay', count: 1, seconds: 1, queueSeconds: DAY },
} as const satisfies Readonly<Record<string, Limit>>;

/** Mailbox providers for everybody. Not complete and need not be: others get as much as a company. */
const LARGE_DOMAINS: ReadonlySet<string> = new Set(
  `
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com aol.com icloud.com
    me.com mac.com proton.me protonmail.com gmx.de gmx.net gmx.at web.de t-online.de freenet.de mail.com
    orange.fr wanadoo.fr free.fr laposte.net libero.it hotmail.co.uk yahoo.co.uk hotmail.fr yahoo.fr
    yahoo.de hotmail.de outlook.de bluewin.ch btinternet.com comcast.net qq.com 163.com mail.ru
    yandex.ru yahoo.co.jp naver.com seznam.cz wp.pl o2.pl interia.pl ukr.net
  `
    .trim()
    .split(/\s+/),
);

export type LimitKind = 'ip' | 'network' | 'address' | 'domain' | 'proof' | 'trickle';

/** That a sign-up counts against a limit. */
export interface LimitUse {
  readonly kind: LimitKind;
  readonly effect: Limit['effect'];
  /** What the table knows it by: an HMAC, as a uuid. */
  readonly key: string;
  readonly stepSeconds: number;
  /** What may be used at once, in seconds. */
  readonly burstSeconds: number;
  /** What may be used and queued. */
  readonly reachSeconds: number;
}

/** What any sign-up counts against. The same kinds whatever the state of the address (S23). */
export function addressUses(keyring: Keyring, address: ParsedAddress): readonly LimitUse[] {
  const domain = address.key.slice(address.key.lastIndexOf('@') + 1);
  const domainLimit = LARGE_DOMAINS.has(domain) ? LIMITS.largeDomain : LIMITS.domain;
  return [toUse(keyring, 'address', LIMITS.address, address.key), toUse(keyring, 'domain', domainLimit, domain)];
}

/** An IPv6 customer has a /64 for each network at home; what is rented out is a /48. */
export function clientUses(keyring: Keyring, ip: string): readonly LimitUse[] {
  if (!ipaddr.isValid(ip)) {
    return [];
  }
  // process() also unwraps an IPv4 address that came in over an IPv6 socket.
  const bytes = ipaddr.process(ip).toByteArray();
  const [ipBytes, networkBytes] = bytes.length === 4 ? [4, 3] : [8, 6];
  return [
    toUse(keyring, 'ip', LIMITS.ip, bytes.slice(0, ipBytes).join('.')),
    toUse(keyring, 'network', LIMITS.network, bytes.slice(0, networkBytes).join('.')),
  ];
}

export function proofUse(keyring: Keyring, challengeId: string): LimitUse {
  return toUse(keyring, 'proof', LIMITS.proof, challengeId);
}

export function trickleUse(keyring: Keyring): LimitUse {
  return toUse(keyring, 'trickle', LIMITS.trickle, '');
}

function toUse(keyring: Keyring, kind: LimitKind, limit: Limit, value: string): LimitUse {
  return {
    kind,
    effect: limit.effect,
    key: hashForLimit(keyring, `signup/${kind}`, value).toString('hex', 0, 16),
    stepSeconds: limit.seconds / limit.count,
    burstSeconds: limit.seconds,
    reachSeconds: limit.seconds + limit.queueSeconds,
  };
}
