import type { LegalNotice } from '../legal/index.ts';
import type { DigestArticle, DigestContent } from '../rendering/index.ts';
import type { CampaignId, IssueId, NewsletterId } from '../shared/ids.ts';

/*
 * from               to
 * (schedule is due)  awaiting_approval (first issue of the newsletter), approved, skipped (nothing new)
 * (extra, by hand)   approved
 * awaiting_approval  approved, dropped
 * approved           (final: its campaign goes on)
 * skipped, dropped   (final)
 */
export const ISSUE_STATUSES = ['awaiting_approval', 'approved', 'skipped', 'dropped'] as const;
export type IssueStatus = (typeof ISSUE_STATUSES)[number];

export const ISSUE_KINDS = ['scheduled', 'extra'] as const;
export type IssueKind = (typeof ISSUE_KINDS)[number];

/** What an issue says, frozen when it was built. Its number and date come when it is published. */
export interface IssueContent {
  readonly title: string;
  readonly preheader: string;
  readonly sections: readonly { readonly name: string; readonly articles: readonly DigestArticle[] }[];
  /** That the terms or the privacy notice have changed. Missing in issues from before there were such lines. */
  readonly notices?: readonly LegalNotice[];
}

export interface IssueSummary {
  readonly id: IssueId;
  readonly newsletterId: NewsletterId;
  readonly kind: IssueKind;
  readonly status: IssueStatus;
  /** Null until it is approved: readers count what they got. */
  readonly number: number | null;
  readonly title: string;
  readonly periodAt: Date;
  readonly articleCount: number;
  readonly campaignId: CampaignId | null;
  readonly campaignStatus: string | null;
  readonly publishedAt: Date | null;
}

export interface Issue extends IssueSummary {
  readonly content: IssueContent;
  readonly fromAt: Date;
  readonly cutoffAt: Date;
}

/** The content as mails and pages show it. */
export function toDigest(content: IssueContent, number: number, day: Date, timeZone: string): DigestContent {
  return {
    number,
    dateIso: new Intl.DateTimeFormat('sv-SE', { timeZone }).format(day),
    title: content.title,
    sections: content.sections.map(({ name, articles }) => ({ name, articles: [...articles] })),
    notices: [...(content.notices ?? [])],
  };
}

/** The public page of an issue. */
export function issueUrl(publicUrl: string, newsletterSlug: string, number: number): string {
  return `${publicUrl}/archive/${newsletterSlug}/${number}`;
}
