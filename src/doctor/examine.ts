import type { Actor } from '../shared/actor.ts';
import { createDkimSigner, listDkimKeys } from '../dkim/index.ts';
import type { DkimKey } from '../dkim/index.ts';
import { checkBounces } from './check-bounces.ts';
import { checkDkim } from './check-dkim.ts';
import { checkDmarc } from './check-dmarc.ts';
import { checkOneClick } from './check-one-click.ts';
import { checkPointers } from './check-pointers.ts';
import { checkPublicUrl } from './check-public-url.ts';
import { checkRelays } from './check-relays.ts';
import { checkSpf } from './check-spf.ts';
import { checkLegalTexts, checkPostalAddresses, checkQueue, checkSignups, checkWorkers } from './check-system.ts';
import type { SystemDeps } from './check-system.ts';
import { failed, lookWithPatience, ok, staysHere, unknown, warning } from './check.ts';
import type { Check } from './check.ts';
import { requireInternetNames } from './dns-lookup.ts';
import type { DnsLookup } from './dns-lookup.ts';
import { findSenders, findSendingHosts } from './find-senders.ts';
import type { Sender } from './find-senders.ts';
import { sendTestMail } from './send-test-mail.ts';
import type { TestMailDeps } from './send-test-mail.ts';

export interface ExamineDeps extends SystemDeps, Omit<TestMailDeps, 'signer'> {
  readonly dns: DnsLookup;
  /** Of this machine, as it calls itself. */
  readonly hostName: string;
}

export interface ExamineOptions {
  /** Where a test mail goes. */
  readonly testAddress?: string | undefined;
  readonly actor: Actor;
}

const NO_NEWSLETTER = 'there is no newsletter yet whose mail could be made';
const NEWSLETTER_ADVICE = 'make one with: courant newsletter create NAME';

type Looks = readonly [name: string, look: () => Promise<readonly Check[]>][];

/** In the order in which it is read: the machine, the relay, the texts, the names in DNS, the way of a mail. */
export async function examine(deps: ExamineDeps, options: ExamineOptions): Promise<readonly Check[]> {
  const withSigner = { ...deps, signer: createDkimSigner(deps) };
  const senders = await findSenders(deps);
  const keys = await listDkimKeys(deps.db);
  const isSigned = deps.config.signsMail;
  const before = await lookAtAll([
    ['queue', () => checkQueue(deps)],
    ['workers', () => checkWorkers(deps)],
    ['relay', () => checkRelays(deps)],
    ['postal address', () => checkPostalAddresses(deps)],
    ['legal texts', () => checkLegalTexts(deps)],
    ['sign-ups', () => checkSignups(deps)],
    ...lookAtNames(deps, senders, { keys, isSigned }),
    ['https', async () => [await checkPublicUrl(deps.config)]],
  ]);
  // Making a mail loads MJML, which holds the event loop up for so long that a queue or relay would seem slow.
  const after = await lookAtAll([
    ['one-click', () => checkLinks(withSigner, senders, { keys, isSigned })],
    ...lookAtTestMail(withSigner, senders, options),
  ]);
  return [...before, ...after];
}

async function lookAtAll(looks: Looks): Promise<readonly Check[]> {
  return (await Promise.all(looks.map(([name, look]) => lookWithPatience(name, look)))).flat();
}

interface Signing {
  readonly keys: readonly DkimKey[];
  readonly isSigned: boolean;
}

/** Mail that stays on this machine needs no name in DNS. */
function lookAtNames(deps: ExamineDeps, senders: readonly Sender[], { keys, isSigned }: Signing): Looks {
  const { dns, config, clock, hostName } = deps;
  const { bounceDomain } = config;
  const ofBounces = bounceDomain === undefined ? [] : ['bounces'];
  if (staysHere(config)) {
    const notYet = (name: string): Looks[number] => [
      name,
      () => Promise.resolve([ok(name, 'not needed yet: mail stays on this machine')]),
    ];
    return ['spf', 'dkim', 'dmarc', 'ptr', ...ofBounces].map(notYet);
  }
  const internet = requireInternetNames(dns);
  const hosts = deps.findRelays().then((relays) => findSendingHosts(dns, relays, hostName));
  // Each look awaits them and says what is wrong.
  internet.catch(() => undefined);
  hosts.catch(() => undefined);
  const ofEach = async (look: (sender: Sender) => Promise<readonly Check[]>): Promise<readonly Check[]> =>
    (await Promise.all(senders.map(look))).flat();
  const ofEachReturnPath = (look: (domain: string) => Promise<readonly Check[]>): Promise<readonly Check[]> =>
    bounceDomain === undefined ? ofEach(({ domain }) => look(domain)) : look(bounceDomain);
  const looks: Looks = [
    ['spf', () => ofEachReturnPath(async (domain) => [await checkSpf(dns, domain, await hosts)])],
    [
      'dkim',
      () =>
        ofEach(async ({ domain }) => (isSigned ? checkDkim(dns, domain, keys, clock.now()) : [leftToRelay(domain)])),
    ],
    ['dmarc', () => ofEach(async ({ domain }) => [await checkDmarc(dns, domain, bounceDomain)])],
    ['ptr', async () => checkPointers(dns, await hosts)],
    ...(bounceDomain === undefined ? [] : [lookAtBounces(dns, bounceDomain)]),
  ];
  return looks.map(([name, look]) => [name, orSilence(name, internet, look)]);
}

function lookAtBounces(dns: DnsLookup, bounceDomain: string): Looks[number] {
  return ['bounces', async () => [await checkBounces(dns, bounceDomain)]];
}

function leftToRelay(domain: string): Check {
  return ok(
    'dkim',
    `${domain}: left to the relay (sign=off)`,
    `send yourself a mail with --to, and look in it for dkim=pass with d=${domain}`,
  );
}

/** That DNS does not answer here says nothing about what it answers elsewhere. */
function orSilence(
  name: string,
  internet: Promise<void>,
  look: () => Promise<readonly Check[]>,
): () => Promise<readonly Check[]> {
  return async () => {
    try {
      await internet;
      return await look();
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (typeof code !== 'string') {
        throw error;
      }
      return [unknown(name, `could not look: DNS does not answer here (${code})`, 'run it where DNS can be reached')];
    }
  };
}

/** One newsletter for each From domain: what differs between them is checked by domain. */
async function checkLinks(
  deps: Omit<TestMailDeps, 'findRelays'>,
  senders: readonly Sender[],
  signing: Signing,
): Promise<readonly Check[]> {
  const newsletters = senders.flatMap(({ newsletters: [first] }) => (first === undefined ? [] : [first]));
  return newsletters.length === 0
    ? [warning('one-click', NO_NEWSLETTER, NEWSLETTER_ADVICE)]
    : Promise.all(newsletters.map((newsletter) => checkOneClick(deps, newsletter, signing)));
}

function lookAtTestMail(deps: TestMailDeps, senders: readonly Sender[], options: ExamineOptions): Looks {
  const { testAddress: address, actor } = options;
  if (address === undefined) {
    return [];
  }
  const newsletter = senders.flatMap(({ newsletters }) => newsletters)[0];
  const look = (): Promise<readonly Check[]> =>
    newsletter === undefined
      ? Promise.resolve([failed('test mail', NO_NEWSLETTER, NEWSLETTER_ADVICE)])
      : sendTestMail(deps, newsletter, { address, actor });
  return [['test mail', look]];
}
