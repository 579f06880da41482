import type {
  CampaignId,
  DeliveryId,
  NewsletterId,
  SignupRequestId,
  SubscriberId,
  SubscriptionId,
} from '../shared/ids.ts';
import type { SendingLane } from '../jobs/index.ts';

export const DELIVERY_KINDS = ['campaign', 'issue', 'confirm', 'welcome', 'test', 'system'] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

/**
 * | from                | to                                                                                        |
 * |---------------------|-------------------------------------------------------------------------------------------|
 * | planned, deferred   | claimed, suppressed, cancelled; deferred also rejected (give-up time over)                |
 * | claimed             | dot_pending, deferred, rejected, suppressed, cancelled, planned (no DATA was begun)        |
 * | dot_pending         | accepted, deferred, rejected, ambiguous (the reply never came)                            |
 * | ambiguous           | accepted, deferred, rejected (later evidence), planned (policy `resend`, a new attempt)   |
 *
 * `accepted` means that the next hop said 250. Whether a reader saw the mail is not ours to know.
 */
const DELIVERY_STATES = [
  'planned',
  'claimed',
  'dot_pending',
  'accepted',
  'deferred',
  'rejected',
  'suppressed',
  'ambiguous',
  'cancelled',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const LANE_OF_KIND: Readonly<Record<DeliveryKind, SendingLane>> = {
  campaign: 'campaigns',
  issue: 'digests',
  confirm: 'transactional',
  welcome: 'transactional',
  test: 'transactional',
  system: 'transactional',
};

/** A late issue is worthless, a late confirmation is a stranger's mail (R18). Hours from planning to giving up. */
export const GIVE_UP_HOURS: Readonly<Record<DeliveryKind, number>> = {
  campaign: 72,
  issue: 48,
  confirm: 24,
  welcome: 24,
  test: 2,
  system: 24,
};

/** A delivery that this worker holds: everything needed to make the reader's mail. */
export interface ClaimedDelivery {
  readonly id: DeliveryId;
  readonly kind: DeliveryKind;
  readonly address: string;
  readonly keyId: number;
  readonly compiledMailId: number;
  readonly campaignId: CampaignId | null;
  readonly subscriberId: SubscriberId | null;
  readonly newsletterId: NewsletterId | null;
  readonly causeId: number | null;
  /** What a confirmation is for: its cause, or the request whose mail the cause repeats. */
  readonly signupRequestId: SignupRequestId | null;
  /** Counts from 1. */
  readonly attempt: number;
  readonly createdAt: Date;
  readonly giveUpAt: Date;
  readonly subscriberName: string | null;
  /** Of the newsletter the mail is for; null when it is for none, or nothing binds the reader to it. */
  readonly subscriptionId: SubscriptionId | null;
}

/** What became of one attempt. */
export type DeliveryOutcome =
  | { readonly state: 'accepted'; readonly reply: SmtpReply }
  | {
      readonly state: 'deferred';
      readonly reason: string;
      readonly reply: SmtpReply | undefined;
      readonly retryAt: Date;
    }
  | {
      readonly state: 'rejected';
      readonly reason: string;
      readonly reply: SmtpReply | undefined;
      readonly suppress: boolean;
    }
  | { readonly state: 'ambiguous'; readonly reason: string; readonly reply: SmtpReply | undefined };

export interface SmtpReply {
  readonly code: number;
  /** RFC 3463, e.g. `5.1.1`. */
  readonly enhancedCode: string | undefined;
  readonly text: string;
}

export interface DeliveryCounts {
  readonly audience: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly suppressed: number;
  readonly ambiguous: number;
  readonly cancelled: number;
  /** planned, claimed, dot_pending and deferred. */
  readonly open: number;
}
