import type { LegalNotice } from '../legal/index.ts';
import type { DigestArticle, DigestContent } from '../rendering/index.ts';
import type { ArticleId, CampaignId, IssueId, NewsletterId, SectionId } from '../shared/ids.ts';

/*
 * from               to
 * (schedule is due)  awaiting_approval (for its `WaitReason`), approved, skipped (too few articles)
 * (extra, by hand)   approved
 * awaiting_approval  approved, dropped
 * approved           (final: its campaign goes on)
 * skipped, dropped   (final)
 */
export const ISSUE_STATUSES = ['awaiting_approval', 'approved', 'skipped', 'dropped'] as const;
export type IssueStatus = (typeof ISSUE_STATUSES)[number];

/** Why an issue waits: no issue of the newsletter was ever approved, its rules say so, or it is long overdue. */
export type WaitReason = 'first' | 'required' | 'overdue';

/** What an editor should know of how the issue was built. */
export interface IssueRemark {
  readonly code: string;
  readonly message: string;
  readonly articleId?: ArticleId;
}

export const ISSUE_KINDS = ['scheduled', 'extra'] as const;
export type IssueKind = (typeof ISSUE_KINDS)[number];

/** Without an id in issues from before articles had one there. */
export interface IssueArticle extends DigestArticle {
  readonly id?: ArticleId;
}

export interface IssueSection {
  readonly id?: SectionId;
  readonly name: string;
  readonly articles: readonly IssueArticle[];
}

/** What an issue says, frozen when it was built; editors may change it while it waits. Its number and date come when it is published. */
export interface IssueContent {
  readonly title: string;
  readonly preheader: string;
  /** Markdown, by an editor. */
  readonly intro?: string;
  readonly sections: readonly IssueSection[];
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
    ...(content.intro === undefined ? {} : { intro: content.intro }),
    sections: content.sections.map((section) => ({ ...section, articles: [...section.articles] })),
    notices: [...(content.notices ?? [])],
  };
}

/** The public page of an issue. */
export function issueUrl(publicUrl: string, newsletterSlug: string, number: number): string {
  return `${publicUrl}/archive/${newsletterSlug}/${number}`;
}
