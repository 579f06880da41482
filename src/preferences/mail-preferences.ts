import { planDeliveries, storeCompiledMail } from '../deliveries/index.ts';
import type { PlannedMail } from '../deliveries/index.ts';
import { matchLocale } from '../i18n/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import { listNewsletters } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { hashAddressUnderAll } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import { findOwner, isShut, listUndecidedChanges, markChangeDecided } from './address-changes.repository.ts';
import type { UndecidedChange } from './address-changes.repository.ts';
import { decideLink, listUndecidedLinks, lockDecisions } from './links.repository.ts';
import type { UndecidedLink } from './links.repository.ts';
import { preferenceMail } from './preference-mails.ts';
import type { PreferenceMail, PreferenceMailDeps } from './preference-mails.ts';
import { LINK_MINUTES, LINKS_PER_DAY, MAILS_TO_NEW_ADDRESS_PER_DAY, REPEAT_MINUTES } from './reader.ts';

const AT_ONCE = 50;
const MINUTE_MS = 60_000;

export interface MailPreferencesDeps extends PreferenceMailDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
}

interface Run extends MailPreferencesDeps {
  readonly newsletters: readonly Newsletter[];
}

/**
 * The job `mail-preferences`: decides about every link and address change that was asked for, and plans what is to be mailed.
 * Safe to run twice and at the same time: one decides at a time, and decision and delivery commit together.
 */
export async function mailPreferences(deps: MailPreferencesDeps): Promise<void> {
  const run = { ...deps, newsletters: await listNewsletters(deps.db) };
  for (const step of [mailLinks, mailChanges]) {
    for (let count = AT_ONCE; count === AT_ONCE;) {
      count = await deps.db.transaction().execute(async (tx) => {
        await lockDecisions(tx);
        return step(run, tx);
      });
      if (count > 0) {
        deps.doorbell.ring('send-transactional', {});
      }
    }
  }
}

/** One at a time, because an earlier one of the same person counts towards the limits of the next. */
async function mailLinks(run: Run, tx: Tx): Promise<number> {
  let count = 0;
  for (; count < AT_ONCE; count += 1) {
    const now = run.clock.now();
    const repeatSince = new Date(now.getTime() - REPEAT_MINUTES * MINUTE_MS);
    const [link] = await listUndecidedLinks(tx, { now, repeatSince, limit: 1 });
    if (link === undefined) {
      break;
    }
    const isMailed = await planLink(run, tx, link);
    const expiresAt = isMailed ? new Date(now.getTime() + LINK_MINUTES * MINUTE_MS) : null;
    await decideLink(tx, link.id, { now, expiresAt });
  }
  return count;
}

async function planLink(run: Run, tx: Tx, link: UndecidedLink): Promise<boolean> {
  const { subscriberId, address } = link;
  const isWanted = link.hasEverConsented && !link.isRepeat && link.mailedToday < LINKS_PER_DAY;
  if (subscriberId === null || address === null || !isWanted) {
    return false;
  }
  return plan(run, tx, 'preference-link', { ...link, causeId: link.id, subscriberId, address });
}

async function mailChanges(run: Run, tx: Tx): Promise<number> {
  let count = 0;
  for (; count < AT_ONCE; count += 1) {
    const now = run.clock.now();
    const [change] = await listUndecidedChanges(tx, now, 1);
    if (change === undefined) {
      break;
    }
    if (change.isOpen) {
      await planChange(run, tx, change);
    }
    await markChangeDecided(tx, change.id, now);
  }
  return count;
}

/** The old mailbox is asked whatever becomes of the new one, so that nobody learns there who has which address. */
async function planChange(run: Run, tx: Tx, change: UndecidedChange): Promise<void> {
  await plan(run, tx, 'address-agree', { ...change, causeId: change.oldCauseId });
  if (
    change.mailedToNewToday >= MAILS_TO_NEW_ADDRESS_PER_DAY ||
    (await isShut(tx, hashesOf(run.keyring, change.newAddressKey)))
  ) {
    return;
  }
  const owner = await findOwner(tx, change.newAddressKey);
  const mail = owner === undefined ? 'address-confirm' : 'address-taken';
  const to = { causeId: change.id, address: change.newAddress, subscriberId: owner?.id ?? change.subscriberId };
  await plan(run, tx, mail, { ...change, ...to, locale: owner === undefined ? change.locale : owner.locale });
}

/** Under each key: suppressions outlive the key that was in use at their time. */
function hashesOf(keyring: Keyring, key: AddressKey): readonly Buffer[] {
  return hashAddressUnderAll(keyring, key).map(({ hash }) => hash);
}

/** False when there is no newsletter in whose name to write. */
async function plan(
  run: Run,
  tx: Tx,
  mail: PreferenceMail,
  to: Pick<PlannedMail, 'causeId' | 'address' | 'subscriberId'> & {
    readonly newsletterId: NewsletterId | null;
    readonly locale: string | null;
  },
): Promise<boolean> {
  const newsletter = run.newsletters.find(({ id }) => id === to.newsletterId) ?? run.newsletters[0];
  if (newsletter === undefined) {
    return false;
  }
  const stored = await preferenceMail(run, mail, { newsletter, locale: matchLocale(to.locale ?? newsletter.locale) });
  const { causeId, address, subscriberId } = to;
  const compiledMailId = await storeCompiledMail(tx, stored, run.clock.now());
  await planDeliveries({ ...run, db: tx }, [
    { kind: 'system', causeId, address, subscriberId, newsletterId: null, compiledMailId },
  ]);
  return true;
}
