/** The shapes of /api/v1 about campaigns and what holds mails back. Instants are ISO 8601 in UTC. */

export type CampaignStatus = 'draft' | 'scheduled' | 'sending' | 'paused' | 'sent' | 'cancelled';
export type CampaignFormat = 'markdown' | 'mjml';

export interface Progress {
  readonly audience: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly suppressed: number;
  readonly ambiguous: number;
  readonly cancelled: number;
  readonly open: number;
  readonly ratePerSecond: number;
  /** For what is due now. */
  readonly etaSeconds: number | null;
  /** In the hands of workers. */
  readonly underWay: number;
  /** Due later. */
  readonly waiting: number;
  readonly nextDueAt: string | null;
  readonly hindrances: readonly {
    readonly code: 'kill_switch' | 'release_hold' | 'no_worker' | 'relay_unreachable';
    readonly message: string;
  }[];
}

export type AmbiguousPolicy = 'hold' | 'resend';
export type Resolution = 'accepted' | 'rejected' | 'resend';

/** What became of one mail of a campaign. */
export interface Recipient {
  readonly deliveryId: number;
  readonly subscriberId: number;
  /** Empty once the reader was erased. */
  readonly address: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
  readonly replyCode: number | null;
  readonly enhancedCode: string | null;
  readonly serverWords: string | null;
  readonly dotAt: string | null;
  readonly settledAt: string | null;
  readonly dueAt: string | null;
}

export interface RecipientStory extends Recipient {
  readonly messageId: string | null;
  readonly createdAt: string;
  readonly giveUpAt: string;
  readonly events: readonly {
    readonly attempt: number;
    readonly event: string;
    readonly replyCode: number | null;
    readonly enhancedCode: string | null;
    readonly serverWords: string | null;
    readonly resolution: string | null;
    readonly source: string | null;
    readonly occurredAt: string;
  }[];
}

export interface Campaign {
  readonly id: number;
  readonly kind: 'campaign' | 'issue';
  readonly newsletterId: number;
  readonly newsletterName: string;
  readonly subject: string;
  readonly preheader: string | null;
  readonly format: CampaignFormat | 'digest';
  readonly source: string;
  readonly status: CampaignStatus;
  readonly startAt: string | null;
  readonly localTime: boolean;
  /** On each reader's clock, as 2026-12-01T09:00:00. */
  readonly localAt: string | null;
  readonly sendWindow: string | null;
  readonly frozenAt: string | null;
  readonly audienceCount: number | null;
  readonly finishedAt: string | null;
  readonly ambiguousPolicy: AmbiguousPolicy;
  readonly stopCode: string | null;
  readonly stopMessage: string | null;
  readonly createdAt: string;
  readonly progress: Progress | null;
}

export type CampaignSummary = Omit<Campaign, 'source'>;

export interface CampaignDraft {
  readonly newsletterId: number;
  readonly subject: string;
  readonly preheader: string;
  readonly format: CampaignFormat;
  readonly source: string;
}

export interface CampaignPreview {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly bytes: number;
  readonly problems: readonly { readonly code: string; readonly line?: number; readonly message: string }[];
}

/** Readers who lack what a campaign prints without a default. */
export interface MissingMergeData {
  readonly field: string;
  readonly count: number;
  readonly readers: readonly { readonly subscriberId: number; readonly address: string }[];
  readonly nextCursor: number | null;
}

/** What holds mails back, and what waits for it. */
export interface Sending {
  /** The kill switch. */
  readonly stop: { readonly since: string; readonly by: string } | null;
  /** Campaigns and issues wait for a person. */
  readonly hold: {
    readonly reason: 'restored' | 'long_stopped';
    readonly since: string;
    readonly lastWorkAt: string;
  } | null;
  readonly workers: { readonly live: number; readonly newestHeartbeatAt: string | null };
  readonly relayError: string | null;
  /** Null while nothing is held. */
  readonly waiting: {
    readonly campaigns: readonly {
      readonly id: number;
      readonly kind: 'campaign' | 'issue';
      readonly newsletterName: string;
      readonly subject: string;
      readonly readers: number;
    }[];
    readonly newsletters: readonly {
      readonly id: number;
      readonly name: string;
      readonly dueAt: string;
      readonly readers: number;
    }[];
  } | null;
}
