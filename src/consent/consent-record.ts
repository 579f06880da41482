import type { ConsentRecordId, LegalDocumentId, NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';

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
  readonly termsLocale: string | null;
  readonly termsVersion: number | null;
  readonly termsHash: string | null;
  readonly privacyLocale: string | null;
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

/** One declaration, or one thing that became of it, about each of the newsletters. */
export interface ConsentEntry extends Circumstances {
  readonly action: Exclude<ConsentAction, 'confirmation_sent'>;
  /** `newsletter` when left out. */
  readonly purpose?: 'newsletter' | 'tracking';
  readonly subscriberId: SubscriberId;
  /** One record each; null for what is about the person and no single newsletter. */
  readonly newsletterIds: readonly NewsletterId[] | null;
  /** Null when the values of the person are gone, as after an erasure. */
  readonly address: string | null;
  readonly at: Date;
  readonly signupRequestId?: SignupRequestId | null;
  /** The wordings that were shown; stored already by `ConsentTexts.ensure`. */
  readonly consentText?: string | null;
  readonly termsText?: string | null;
  readonly privacyText?: string | null;
  readonly termsDocumentId?: LegalDocumentId | null;
  readonly privacyDocumentId?: LegalDocumentId | null;
  readonly formId?: string | null;
  readonly formVersion?: string | null;
  /** The language of the wordings. */
  readonly locale?: string | null;
  /** Without query. */
  readonly pageUrl?: string | null;
  /** Facts of this kind of record: the evidence of an import, how long a pause lasts. Part of the hash; never a personal value. */
  readonly details?: Readonly<Record<string, unknown>>;
}
