/** The shapes of /api/v1 that the admin app reads. Instants are ISO 8601 in UTC. */

import type { CampaignStatus } from './campaign-types.ts';

export interface Session {
  readonly admin: {
    readonly id: number;
    readonly address: string;
    readonly name: string | null;
    readonly timeZone: string | null;
    readonly verified: boolean;
  } | null;
  readonly needsSetup: boolean;
  readonly insecureTransport: boolean;
  /** Where caught mails are read; null once a relay is set. */
  readonly inboxUrl: string | null;
}

export type SetupLink = { readonly kind: 'first-admin' } | { readonly kind: 'invited'; readonly address: string };

export interface Section {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly position: number;
  readonly maxItems: number | null;
  readonly minItems: number | null;
  readonly ranking: 'newest' | 'weight' | 'spread';
}

export interface Newsletter {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly locale: string;
  readonly isPublic: boolean;
  readonly fromName: string | null;
  readonly fromAddress: string | null;
  readonly replyTo: string | null;
  readonly postalAddress: string | null;
  readonly imprintUrl: string | null;
  readonly cron: string;
  readonly timeZone: string;
  readonly nextRunAt: string | null;
  readonly maxPerSection: number;
  readonly localTime: boolean;
  readonly sendWindow: string | null;
  readonly optIn: 'double' | 'single';
  readonly optInReason: string | null;
  readonly activeSubscribers: number;
  readonly sections: readonly Section[];
  readonly effective: {
    readonly fromName: string;
    readonly fromAddress: string;
    readonly postalAddress: string | null;
  };
}

/** How one newsletter's sign-up form comes onto other pages, in one language. */
export interface SignupCode {
  readonly locale: string;
  readonly locales: readonly { readonly tag: string; readonly name: string }[];
  readonly pageUrl: string;
  readonly embedCode: string;
  readonly snippet: string;
  readonly previewUrl: string;
}

export interface SignupOrigin {
  readonly origin: string;
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface Issue {
  readonly id: number;
  readonly number: number | null;
  readonly kind: 'scheduled' | 'extra';
  readonly status: 'awaiting_approval' | 'approved' | 'skipped' | 'dropped';
  readonly title: string;
  readonly periodAt: string;
  readonly articleCount: number;
  readonly campaignId: number | null;
  readonly campaignStatus: CampaignStatus | null;
  readonly publishedAt: string | null;
  readonly waitsBecause: 'first' | 'required' | 'overdue' | null;
  /** At its time, if nobody decides; null for one that does not wait. */
  readonly atDeadline: 'send' | 'wait' | 'drop' | null;
  readonly droppedBy: 'rule' | 'person' | null;
  /** Its approval can be taken back. */
  readonly isWithdrawable: boolean;
  readonly remarks: readonly { readonly code: string; readonly message: string }[];
}

export interface NextIssue {
  readonly nextRunAt: string | null;
  /** The next ten times by the schedule. */
  readonly runs: readonly string[];
  readonly timeZone: string;
  readonly articleCount: number;
  readonly sections: readonly { readonly name: string; readonly count: number }[];
  readonly html: string | null;
  readonly subject: string | null;
  readonly willWaitForApproval: boolean;
}

export type SubscriptionStatus = 'pending' | 'active' | 'unsubscribed';

export interface Subscriber {
  readonly id: number;
  readonly address: string;
  readonly name: string | null;
  readonly createdAt: string;
  readonly subscriptions: readonly {
    readonly newsletterId: number;
    readonly newsletterName: string;
    readonly status: SubscriptionStatus;
    readonly confirmedAt: string | null;
    readonly pausedUntil: string | null;
    readonly sections: readonly string[] | null;
    readonly frequency: 'weekly' | 'monthly' | null;
  }[];
  readonly suppressed: readonly string[];
}

/** A closed address. Known by name only where somebody has it now. */
export interface Suppression {
  readonly id: number;
  readonly reason: 'hard-bounce' | 'complaint' | 'manual' | 'erasure';
  readonly source: string;
  readonly createdAt: string;
  readonly liftedAt: string | null;
  readonly subscriberId: number | null;
  readonly address: string | null;
  readonly canLift: boolean;
}

export interface ConsentRecord {
  readonly id: number;
  readonly action: string;
  readonly purpose: string;
  readonly newsletterName: string | null;
  readonly occurredAt: string;
  readonly method: string;
  readonly actor: string;
  readonly texts: { readonly consent: string | null; readonly terms: string | null; readonly privacy: string | null };
  readonly termsVersion: number | string | null;
  readonly privacyVersion: number | string | null;
  readonly formId: string | null;
  readonly pageUrl: string | null;
  readonly ip: string | null;
  readonly agent: string | null;
  readonly sealed: boolean;
}

export interface SubscriberStory extends Subscriber {
  readonly suppressions: readonly Suppression[];
  readonly consent: readonly ConsentRecord[];
  readonly deliveries: readonly {
    readonly id: number;
    readonly kind: string;
    readonly subject: string | null;
    readonly state: string;
    readonly reason: string | null;
    readonly createdAt: string;
    readonly settledAt: string | null;
  }[];
}

export interface Overview {
  readonly numbers: {
    readonly activeSubscribers: number;
    readonly pendingSubscribers: number;
    readonly newsletters: number;
    readonly acceptedLast7Days: number;
    readonly rejectedLast7Days: number;
    readonly openDeliveries: number;
    readonly ambiguous: number;
  };
  readonly checklist: readonly {
    readonly key: string;
    readonly group: 'first-steps' | 'going-public';
    readonly done: boolean;
    readonly title: string;
    readonly hint: string;
    readonly href: string | null;
  }[];
  readonly warnings: readonly {
    readonly code: string;
    readonly message: string;
    readonly href: string | null;
    /** Of one that may be dismissed. */
    readonly alertId?: number;
  }[];
  readonly nextIssue: { readonly newsletterId: number; readonly newsletterName: string } | null;
}

export interface LegalDocument {
  readonly id: number;
  readonly kind: 'terms' | 'privacy';
  readonly locale: string;
  readonly version: number;
  readonly title: string;
  readonly hash: string;
  readonly isSample: boolean;
  readonly change: LegalChange;
  /** From when on it is in effect; may be to come. */
  readonly publishedAt: string;
  readonly state: 'scheduled' | 'current' | 'earlier' | 'withdrawn';
  /** Path of its public page. */
  readonly url: string;
}

export type LegalKind = LegalDocument['kind'];
export type LegalChange = 'editorial' | 'notice' | 'acceptance';

export interface LegalDraft {
  readonly kind: LegalKind;
  readonly locale: string;
  readonly title: string;
  readonly markdown: string;
  readonly revision: number;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

export interface LegalText {
  readonly kind: LegalKind;
  readonly locale: string;
  readonly title: string;
  readonly markdown: string;
}

export interface LegalAcceptances {
  readonly count: number;
  readonly acceptances: readonly {
    readonly subscriberId: number;
    readonly address: string;
    readonly name: string | null;
    readonly acceptedAt: string;
  }[];
  readonly nextCursor: number | null;
}

export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

export interface AuditEntry {
  readonly id: number;
  readonly occurredAt: string;
  readonly actor: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string | null;
}
