import type { Frequency } from '../newsletters/index.ts';
import type { NewsletterId, SectionId, SubscriberId, SubscriptionId } from '../shared/ids.ts';

/** A subscriber as the preference pages know them. */
export interface Reader {
  readonly id: SubscriberId;
  readonly address: string;
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly isTrackingAllowed: boolean;
  /** By name of the newsletter. */
  readonly subscriptions: readonly ReaderSubscription[];
}

export interface ReaderSubscription {
  readonly id: SubscriptionId;
  readonly newsletterId: NewsletterId;
  readonly newsletterName: string;
  readonly status: 'pending' | 'active' | 'unsubscribed';
  /** Null when it is not paused, or not any more. */
  readonly pausedUntil: Date | null;
  readonly content: ReaderContent;
}

/** What of a newsletter somebody gets, and what they may choose from. */
export interface ReaderContent extends ChosenContent {
  readonly newsletterSlug: string;
  readonly isPublic: boolean;
  /** In the newsletter's order. */
  readonly sections: readonly ReaderSection[];
  readonly offersSections: boolean;
  readonly offersFrequency: boolean;
  readonly cron: string;
}

export interface ReaderSection {
  readonly id: SectionId;
  readonly slug: string;
  readonly name: string;
}

export interface ChosenContent {
  /** In ascending order; null: all, also those to come. */
  readonly sectionIds: readonly SectionId[] | null;
  /** Null: every issue. */
  readonly frequency: Frequency | null;
}

/** How long a pause may last; the longest is the limit. */
export const PAUSE_WEEKS = [1, 2, 4, 8, 12] as const;

/** A mailed link is alive for this long, and so is the visit that it opens (design, section 3). */
export const LINK_MINUTES = 30;
export const VISIT_MINUTES = 30;
/** To one subscriber, whoever asks for them: an old mail may have been forwarded. */
export const LINKS_PER_DAY = 5;
/** A link that was mailed so lately and not used yet answers a double click. */
export const REPEAT_MINUTES = 2;

export const ADDRESS_CHANGE_HOURS = 24;
/** By one subscriber. Each of them mails somebody who may be a stranger (R38). */
export const ADDRESS_CHANGES_PER_DAY = 3;
/** To one new address, whoever names it. */
export const MAILS_TO_NEW_ADDRESS_PER_DAY = 2;
