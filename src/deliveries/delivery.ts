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
 * | from                | to                                                                                                   |
 * |---------------------|------------------------------------------------------------------------------------------------------|
 * | planned, deferred   | dot_pending, deferred, rejected (refused before the dot, give-up time over), suppressed, cancelled   |
 * | dot_pending         | accepted, deferred, rejected, ambiguous (the reply never came)                                       |
 * | ambiguous           | accepted, deferred, rejected (later evidence, by hand), planned (policy `resend`, a new attempt)     |
 * | rejected            | planned (by hand: retry)                                                                             |
 *
 * That a worker has claimed a row is told by its block (`delivery_blocks`), not by its state.
 *
 * `accepted` means that the next hop said 250. Whether a reader saw the mail is not ours to know.
 */
const DELIVERY_STATES = [
  'planned',
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

/** A piece of the work to be done: some deliveries that are due at one time and are claimed together. */
export type BlockId = number & { readonly __block: never };

/** After this no late reply comes: RFC 5321 4.5.3.2.6 gives the reply to the final dot ten minutes; half a minute more for the longest lease. */
export const LATE_REPLY_SECONDS = 630;
/** How often a mail is sent whose fate nobody knows. */
export const MOST_ATTEMPTS_IN_DOUBT = 3;

/** A delivery that this worker holds: everything needed to make the reader's mail. */
export interface ClaimedDelivery {
  readonly id: DeliveryId;
  /** The claimed block it came with. */
  readonly blockId: BlockId;
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
  /** The attempt that this claim is for; counts from 1. */
  readonly attempt: number;
  readonly createdAt: Date;
  readonly giveUpAt: Date;
  /** Outside the hours in which its campaign is sent: when they begin again. Until then it must not leave. */
  readonly opensAt: Date | null;
  /** As it was when the row was made, so that a retry is byte-identical. */
  readonly subscriberName: string | null;
  /** What they chose; campaigns and issues only, whose logic may ask for it. */
  readonly subscriberLocale: string | null;
  /** Of the newsletter the mail is for; null when it is for none, or nothing bound the reader to it. */
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
      /** Tells also what follows for the address and the campaign, see the reply table in src/sending/replies. */
      readonly reason: string;
      readonly reply: SmtpReply | undefined;
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
  /** planned, dot_pending and deferred. */
  readonly open: number;
}
