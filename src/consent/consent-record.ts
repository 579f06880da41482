import type { ConsentRecordId, NewsletterId, SubscriberId } from '../shared/ids.ts';

export const CONSENT_ACTIONS = [
  'requested',
  'confirmation_sent',
  'granted',
  'withdrawn',
  'renewed',
  'changed',
  'expired',
  'erased',
] as const;
export type ConsentAction = (typeof CONSENT_ACTIONS)[number];

/** How the will was shown: an unticked box that was ticked, the button itself, a link's page, RFC 8058, or somebody else. */
export const CONSENT_METHODS = [
  'unticked-box',
  'button',
  'link',
  'one-click',
  'api',
  'import',
  'admin',
  'system',
] as const;
export type ConsentMethod = (typeof CONSENT_METHODS)[number];

/** Where and by what a declaration was made. Values of the person are stored apart, salted digests of them here. */
export interface Circumstances {
  readonly method: ConsentMethod;
  /** 'subscriber', 'admin:<id>', 'token:<id>', 'cli', 'system' */
  readonly actor: string;
  /** Already shortened to /24 or /48. */
  readonly ip: string | null;
  readonly agent: string | null;
}

export interface ConsentStoryEntry {
  readonly id: ConsentRecordId;
  readonly action: ConsentAction;
  readonly purpose: string;
  readonly newsletterId: NewsletterId | null;
  readonly newsletterName: string | null;
  readonly occurredAt: Date;
  readonly method: ConsentMethod;
  readonly actor: string;
  readonly isAssertedByCaller: boolean;
  readonly consentText: string | null;
  readonly termsText: string | null;
  readonly privacyText: string | null;
  readonly termsVersion: number | null;
  readonly termsHash: string | null;
  readonly privacyVersion: number | null;
  readonly privacyHash: string | null;
  readonly formId: string | null;
  readonly formVersion: string | null;
  readonly locale: string | null;
  readonly pageUrl: string | null;
  readonly ip: string | null;
  readonly agent: string | null;
  readonly signupRequestId: number | null;
  readonly deliveryId: number | null;
  readonly isSealed: boolean;
}

export interface Withdrawal extends Circumstances {
  readonly subscriberId: SubscriberId;
  readonly newsletterIds: readonly NewsletterId[];
  readonly address: string;
  readonly at: Date;
}
