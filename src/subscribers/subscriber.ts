import type { SuppressionReason } from '../suppressions/index.ts';
import type { Frequency } from '../newsletters/index.ts';
import type { NewsletterId, SubscriberId } from '../shared/ids.ts';

export interface SubscriberSummary {
  readonly id: SubscriberId;
  readonly address: string;
  readonly name: string | null;
  readonly createdAt: Date;
  readonly subscriptions: readonly {
    readonly newsletterId: NewsletterId;
    readonly newsletterName: string;
    readonly status: 'pending' | 'active' | 'unsubscribed';
    /** ISO 8601, like the next one: these come as JSON from the database. */
    readonly confirmedAt: string | null;
    /** Nothing is mailed before; null for who never paused. */
    readonly pausedUntil: string | null;
    /** The names of those that are wanted; null: all. */
    readonly sections: readonly string[] | null;
    /** Null: every issue. */
    readonly frequency: Frequency | null;
  }[];
  readonly suppressed: readonly SuppressionReason[];
}

export interface SubscriberFilter {
  /** Part of the address or the name. */
  readonly q?: string | undefined;
  readonly status?: 'pending' | 'active' | 'unsubscribed' | 'suppressed' | undefined;
  readonly newsletterId?: NewsletterId | undefined;
  /** Only ids below it: pages go from the newest to the oldest. */
  readonly cursor?: SubscriberId | undefined;
}

/** Whose subscriptions are written out. */
export interface ExportFilter {
  readonly newsletterId?: NewsletterId | undefined;
  readonly status?: 'pending' | 'active' | 'unsubscribed' | undefined;
}
