import type { ClaimedDelivery } from '../deliveries/index.ts';
import { deriveToken } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';

/** What a mail is made of. */
export type DeliveryOfMail = Omit<ClaimedDelivery, 'blockId' | 'attempt' | 'giveUpAt' | 'opensAt'>;

export interface ReaderLinks {
  readonly unsubscribe?: string;
  readonly unsubscribeAll?: string;
  readonly preferences?: string;
  readonly accept?: string;
  readonly confirm?: string;
  readonly notMe?: string;
  readonly verify?: string;
  readonly change?: string;
  readonly address?: string;
}

/** A token that never names a row: the unsubscribe link of a test mail, which answers like any other and does nothing. */
const NO_ROW = 0;

/**
 * The personal links of one delivery. The same row gives the same links at each retry. Each is made when it is asked for, since it
 * costs an HMAC.
 */
export function linksOf(delivery: DeliveryOfMail, keyring: Keyring, publicUrl: string): ReaderLinks {
  const link = (path: string, purpose: Parameters<typeof deriveToken>[1], rowId: number): string =>
    `${publicUrl}${path}/${deriveToken(keyring, purpose, rowId, delivery.keyId)}`;
  const { causeId, subscriberId } = delivery;
  switch (delivery.kind) {
    case 'campaign':
    case 'issue':
    case 'welcome':
    case 'test': {
      // In the header and in the mail.
      const unsubscribe = once(() => link('/unsubscribe', 'unsubscribe', delivery.subscriptionId ?? NO_ROW));
      const preferences = once(() => link('/preferences', 'preferences', subscriberId ?? NO_ROW));
      return {
        get unsubscribe() {
          return unsubscribe();
        },
        get unsubscribeAll() {
          return `${unsubscribe()}?scope=all`;
        },
        get preferences() {
          return preferences();
        },
        // Bound to this mail: it asks for what this issue told.
        get accept() {
          return link('/accept', 'accept-terms', delivery.kind === 'issue' ? delivery.id : NO_ROW);
        },
      };
    }
    case 'confirm':
      return {
        confirm: link('/confirm', 'confirm', delivery.signupRequestId ?? NO_ROW),
        notMe: link('/not-me', 'not-me', delivery.signupRequestId ?? NO_ROW),
      };
    case 'system':
      return subscriberId === null
        ? { verify: link('/admin/verify', 'verify-admin', causeId ?? NO_ROW) }
        : {
            preferences: link('/preferences', 'preferences', subscriberId),
            // Tokens of rows that are of another kind open nothing: causes draw their ids from one sequence.
            change: link('/my/open', 'preference-link', causeId ?? NO_ROW),
            address: link('/address', 'address-change', causeId ?? NO_ROW),
          };
    default:
      return delivery.kind satisfies never;
  }
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}
