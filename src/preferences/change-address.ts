import { recordConsent } from '../consent/index.ts';
import type { Circumstances } from '../consent/index.ts';
import { cancelDeliveriesTo } from '../deliveries/index.ts';
import { isUniqueViolation } from '../platform/postgres/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import { hashAddress, readToken } from '../shared/keyring.ts';
import { endRequestsOf } from '../subscriptions/index.ts';
import { liftByConfirmation } from '../suppressions/index.ts';
import {
  closeChange,
  closeOpenChange,
  countChangesSince,
  findChange,
  insertChange,
  markEnd,
  moveAddress,
} from './address-changes.repository.ts';
import type { AddressChange, AddressEnd } from './address-changes.repository.ts';
import { endVisitsOf } from './links.repository.ts';
import type { PreferenceDeps } from './preference-deps.ts';
import { ADDRESS_CHANGE_HOURS, ADDRESS_CHANGES_PER_DAY } from './reader.ts';
import type { Reader } from './reader.ts';
import { lockReader } from './readers.repository.ts';

const DAY_MS = 86_400_000;

/**
 * Asks both mailboxes about a new address. An earlier change that is still open is replaced. Whether somebody else has the address
 * is never told here: only a mail to it says so.
 */
export async function requestAddressChange(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'keyring' | 'doorbell'>,
  reader: Reader,
  typed: string,
): Promise<'requested' | 'invalid' | 'same' | 'too-many'> {
  const parsed = parseEmailAddress(typed);
  if (parsed === undefined) {
    return 'invalid';
  }
  if (parsed.key === parseEmailAddress(reader.address)?.key) {
    return 'same';
  }
  const now = deps.clock.now();
  const outcome = await deps.db.transaction().execute(async (tx) => {
    await lockReader(tx, reader.id);
    if ((await countChangesSince(tx, reader.id, new Date(now.getTime() - DAY_MS))) >= ADDRESS_CHANGES_PER_DAY) {
      return 'too-many';
    }
    await closeOpenChange(tx, reader.id, 'replaced', now);
    await insertChange(tx, {
      subscriberId: reader.id,
      ...parsed,
      hash: hashAddress(deps.keyring, parsed.key),
      hashKeyId: deps.keyring.signingKeyId,
      now,
      expiresAt: new Date(now.getTime() + ADDRESS_CHANGE_HOURS * 3_600_000),
    });
    return 'requested';
  });
  deps.doorbell.ring('mail-preferences', {});
  return outcome;
}

/** The reader changed their mind, on the preference page. */
export async function dropAddressChange(deps: Pick<PreferenceDeps, 'db' | 'clock'>, reader: Reader): Promise<void> {
  await deps.db.transaction().execute((tx) => closeOpenChange(tx, reader.id, 'refused', deps.clock.now()));
}

export type ChangeState =
  | { readonly kind: 'open'; readonly change: AddressChange; readonly end: AddressEnd }
  /** This mailbox has answered, the other one not yet. */
  | { readonly kind: 'waiting'; readonly change: AddressChange; readonly end: AddressEnd }
  | { readonly kind: 'done' | 'refused' | 'taken' | 'over'; readonly change: AddressChange; readonly end: AddressEnd }
  | { readonly kind: 'invalid' };

/** What a link of either mail stands for now. Changes nothing. */
export async function inspectChange(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'keyring'>,
  token: string,
): Promise<ChangeState> {
  const id = readToken(deps.keyring, 'address-change', token);
  const found = id === undefined ? undefined : await findChange(deps.db, id);
  if (found === undefined) {
    return { kind: 'invalid' };
  }
  const { change, end } = found;
  switch (change.status) {
    case 'done':
    case 'refused':
    case 'taken':
      return { kind: change.status, ...found };
    case 'replaced':
      return { kind: 'over', ...found };
    case 'open': {
      const hasAnswered = (end === 'new' ? change.confirmedAt : change.agreedAt) !== null;
      return { kind: change.expiresAt <= deps.clock.now() ? 'over' : hasAnswered ? 'waiting' : 'open', ...found };
    }
    default:
      return change.status satisfies never;
  }
}

/**
 * The button in either mailbox. When both have been pressed the address moves: mails that are due at the old one are cancelled,
 * visits and requests that the old one had proved end. Twice is fine.
 */
export async function agreeToChange(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'keyring' | 'random'>,
  token: string,
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<ChangeState> {
  const state = await inspectChange(deps, token);
  if (state.kind !== 'open') {
    return state;
  }
  const { change, end } = state;
  try {
    await deps.db.transaction().execute(async (tx) => {
      const before = await lockReader(tx, change.subscriberId);
      const marked = await markEnd(tx, change.id, end, deps.clock.now());
      if (before === undefined || marked === undefined) {
        return;
      }
      const isComplete = marked.confirmedAt !== null && marked.agreedAt !== null;
      await recordClick(deps, tx, marked, { end, isComplete, ...circumstances });
      if (isComplete) {
        await complete(deps, tx, marked, before.address);
      }
    });
  } catch (error) {
    if (!isUniqueViolation(error)) {
      throw error;
    }
    // Somebody signed up with the address in the meantime; theirs it is.
    await closeChange(deps.db, change.id, 'taken', deps.clock.now());
  }
  return inspectChange(deps, token);
}

/** "This was not me", in either mailbox. */
export async function refuseChange(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'keyring'>,
  token: string,
): Promise<ChangeState> {
  const state = await inspectChange(deps, token);
  if (state.kind !== 'open' && state.kind !== 'waiting') {
    return state;
  }
  await deps.db.transaction().execute(async (tx) => {
    await lockReader(tx, state.change.subscriberId);
    await closeChange(tx, state.change.id, 'refused', deps.clock.now());
  });
  return inspectChange(deps, token);
}

/** One record for each mailbox, with the digest of its address: together they tell who agreed to what. */
async function recordClick(
  deps: Pick<PreferenceDeps, 'clock' | 'random'>,
  tx: Tx,
  change: AddressChange,
  click: { readonly end: AddressEnd; readonly isComplete: boolean } & Pick<Circumstances, 'ip' | 'agent'>,
): Promise<void> {
  const { end, isComplete, ...circumstances } = click;
  await recordConsent(
    { db: tx, random: deps.random },
    {
      action: 'changed',
      subscriberId: change.subscriberId,
      newsletterIds: null,
      address: end === 'new' ? change.newAddress : change.address,
      at: deps.clock.now(),
      method: 'button',
      actor: 'subscriber',
      details: { fields: ['address'], mailbox: end, addressChangeId: change.id, isComplete },
      ...circumstances,
    },
  );
}

async function complete(
  deps: Pick<PreferenceDeps, 'clock'>,
  tx: Tx,
  change: AddressChange,
  oldAddress: string,
): Promise<void> {
  const { subscriberId } = change;
  const now = deps.clock.now();
  // First, since a worker that decides about one of them holds its row while it refers to the subscriber's.
  await endRequestsOf(tx, subscriberId, now);
  await moveAddress(tx, change);
  await cancelDeliveriesTo(tx, { subscriberId, address: oldAddress, reason: 'address_changed', now });
  await endVisitsOf(tx, subscriberId, now);
  await liftByConfirmation(tx, subscriberId, now);
  await closeOpenChange(tx, subscriberId, 'done', now);
}
