import type { NewsletterId } from '../shared/ids.ts';

/** What the rows say, before it is put into words. */
export interface OverviewFacts {
  readonly numbers: OverviewNumbers;
  readonly firstNewsletterId: NewsletterId | null;
  readonly hasOwnFeed: boolean;
  readonly hasTest: boolean;
  readonly hasCampaign: boolean;
  readonly hasApprovedIssue: boolean;
  readonly newslettersWithoutPostalAddress: number;
  readonly waitingIssues: readonly { readonly newsletterId: NewsletterId; readonly newsletterName: string }[];
  readonly failingFeeds: readonly { readonly newsletterId: NewsletterId; readonly title: string }[];
  readonly stoppedCampaigns: readonly { readonly id: number; readonly subject: string; readonly message: string }[];
  readonly nextIssue: NextIssue | null;
}

export interface OverviewNumbers {
  /** Persons with at least one active subscription. */
  readonly activeSubscribers: number;
  /** Persons who asked and have not confirmed, and have nothing active. */
  readonly pendingSubscribers: number;
  readonly newsletters: number;
  readonly acceptedLast7Days: number;
  readonly rejectedLast7Days: number;
  readonly openDeliveries: number;
  readonly ambiguous: number;
}

export interface NextIssue {
  readonly newsletterId: NewsletterId;
  readonly newsletterName: string;
  readonly nextRunAt: Date;
  readonly timeZone: string;
  /** Articles that would go out now. */
  readonly articleCount: number;
}

export const CHECKLIST_GROUPS = ['first-steps', 'going-public'] as const;

export interface ChecklistItem {
  readonly key: string;
  readonly group: (typeof CHECKLIST_GROUPS)[number];
  readonly done: boolean;
  readonly title: string;
  readonly hint: string;
  /** Where to do it; null when it is done outside the admin app. */
  readonly href: string | null;
}

export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly href: string | null;
  /** Of an alert that an admin may dismiss (`POST /alerts/:id/dismiss`). */
  readonly alertId?: number;
}
