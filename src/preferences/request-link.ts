import { parseEmailAddress } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import { clientUses } from '../signup-guard/index.ts';
import { requestLinkByAddress, requestLinkOf } from './links.repository.ts';
import type { PreferenceDeps } from './preference-deps.ts';

type Deps = Pick<PreferenceDeps, 'db' | 'clock' | 'keyring' | 'doorbell'>;

/**
 * Asks for a fresh link to the stored address. Whether a mail goes out is decided later by the transactional lane, so that the
 * answer is the same whatever it decides.
 */
export async function requestLink(
  deps: Pick<Deps, 'db' | 'clock' | 'doorbell'>,
  subscriberId: SubscriberId,
): Promise<void> {
  await requestLinkOf(deps.db, subscriberId, deps.clock.now());
  deps.doorbell.ring('mail-preferences', {});
}

export type LinkRequest =
  | { readonly kind: 'requested' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number };

/**
 * The same for an address that was typed. Tells nothing about who has it (S23); limited by where it comes from alone.
 * @param ip null when the client is unknown.
 */
export async function requestLinkTo(deps: Deps, typed: string, ip: string | null): Promise<LinkRequest> {
  const parsed = parseEmailAddress(typed);
  if (parsed === undefined) {
    return { kind: 'invalid' };
  }
  const now = deps.clock.now();
  const uses = ip === null ? [] : clientUses(deps.keyring, ip);
  const { retryAt } = await requestLinkByAddress(deps.db, { key: parsed.key, uses, now });
  if (retryAt !== undefined) {
    return { kind: 'limited', retryAfterSeconds: Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1000)) };
  }
  deps.doorbell.ring('mail-preferences', {});
  return { kind: 'requested' };
}
