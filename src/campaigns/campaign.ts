import { conflict } from '../shared/app-error.ts';
import type { CampaignId, NewsletterId } from '../shared/ids.ts';
import type { SendWindow } from '../shared/send-window.ts';

/** `campaign`: written by an admin. `issue`: collected by rule or approved, made by digests; sent in a lane of its own. */
export const CAMPAIGN_KINDS = ['campaign', 'issue'] as const;
export type CampaignKind = (typeof CAMPAIGN_KINDS)[number];

export const CAMPAIGN_FORMATS = ['markdown', 'mjml', 'digest'] as const;
export type CampaignFormat = (typeof CAMPAIGN_FORMATS)[number];
/** What a person may write; `digest` is made from articles. */
export const AUTHOR_FORMATS = ['markdown', 'mjml'] as const satisfies readonly CampaignFormat[];

export const CAMPAIGN_STATUSES = ['draft', 'scheduled', 'sending', 'paused', 'sent', 'cancelled'] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

/**
 * | from      | to                                                                    |
 * |-----------|-----------------------------------------------------------------------|
 * | draft     | scheduled (send)                                                      |
 * | scheduled | draft (undo), sending (start: the audience is frozen), cancelled      |
 * | sending   | paused, sent (no open delivery is left), cancelled                    |
 * | paused    | sending, cancelled                                                    |
 * | sent      | sending (retry: some that failed are planned again)                   |
 *
 * `cancelled` is an end. A retry leaves a campaign that is sending or paused what it is. Each move is one conditional update, so of two people who press a button one wins.
 */
const MOVES: Readonly<Record<CampaignMove, { readonly from: readonly CampaignStatus[]; readonly done: string }>> = {
  update: { from: ['draft'], done: 'changed' },
  delete: { from: ['draft'], done: 'deleted' },
  send: { from: ['draft'], done: 'sent' },
  undo: { from: ['scheduled'], done: 'taken back' },
  pause: { from: ['sending'], done: 'paused' },
  resume: { from: ['paused'], done: 'resumed' },
  cancel: { from: ['scheduled', 'sending', 'paused'], done: 'cancelled' },
  retry: { from: ['sending', 'paused', 'sent'], done: 'sent again to those who failed' },
  resolve: { from: ['sending', 'paused', 'sent', 'cancelled'], done: 'resolved' },
};
type CampaignMove = 'update' | 'delete' | 'send' | 'undo' | 'pause' | 'resume' | 'cancel' | 'retry' | 'resolve';

/**
 * What becomes of a mail whose reply never came, so that nobody can know whether it arrived. `hold`: nothing, until somebody decides; nobody
 * gets it twice, somebody may miss it. `resend`: it is sent once more after ten minutes; nobody misses it, somebody may get it twice.
 */
export const AMBIGUOUS_POLICIES = ['hold', 'resend'] as const;
export type AmbiguousPolicy = (typeof AMBIGUOUS_POLICIES)[number];

export interface Campaign {
  readonly id: CampaignId;
  readonly kind: CampaignKind;
  readonly newsletterId: NewsletterId;
  readonly newsletterName: string;
  readonly subject: string;
  readonly preheader: string | null;
  readonly format: CampaignFormat;
  /** Markdown or MJML as it was written; of an issue the JSON of its `DigestContent`. */
  readonly source: string;
  readonly status: CampaignStatus;
  readonly startAt: Date | null;
  /** By each reader's own clock: at `localAt` (`2026-12-01T09:00:00`), or at the time that the newsletter's clock shows at the start. */
  readonly localTime: boolean;
  readonly localAt: string | null;
  /** The hours in which mails leave, by the same clock. */
  readonly sendWindow: SendWindow | null;
  readonly frozenAt: Date | null;
  readonly audienceCount: number | null;
  readonly finishedAt: Date | null;
  readonly ambiguousPolicy: AmbiguousPolicy;
  /** Why it is due and did not start; null when nothing is in its way. */
  readonly stopCode: string | null;
  readonly stopMessage: string | null;
  readonly createdAt: Date;
}

export function mayMove(campaign: Pick<Campaign, 'status'>, move: CampaignMove): boolean {
  return MOVES[move].from.includes(campaign.status);
}

/** @throws AppError `illegal_transition` when the status does not allow it (any more). */
export function requireMove(campaign: Pick<Campaign, 'status'>, move: CampaignMove): void {
  if (!mayMove(campaign, move)) {
    throw conflict('illegal_transition', `The campaign is ${campaign.status}; it cannot be ${MOVES[move].done} now.`, {
      details: { campaignStatus: campaign.status },
    });
  }
}
