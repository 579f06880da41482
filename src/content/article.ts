import type { ArticleId, FeedId, IssueId, NewsletterId, SectionId } from '../shared/ids.ts';

/** unsent: waits for an issue; left_out: known, but never sent; used: an issue holds it. */
export const ARTICLE_STATES = ['unsent', 'left_out', 'used'] as const;
export type ArticleState = (typeof ARTICLE_STATES)[number];

export interface Article {
  readonly id: ArticleId;
  readonly newsletterId: NewsletterId;
  readonly sectionId: SectionId;
  readonly sectionSlug: string;
  /** Chosen by a person: no rule and no feed moves it. */
  readonly sectionIsChosen: boolean;
  /** Null: added by hand or API, or the feed is gone. */
  readonly feedId: FeedId | null;
  readonly url: string;
  readonly title: string;
  readonly summary: string;
  readonly author: string | null;
  readonly sourceName: string | null;
  readonly imageUrl: string | null;
  readonly imageAlt: string | null;
  readonly language: string | null;
  readonly categories: readonly string[];
  readonly publishedAt: Date | null;
  readonly firstSeenAt: Date;
  readonly weight: number;
  readonly isPinned: boolean;
  readonly isEligible: boolean;
  /** Its words are a person's: the feed no longer changes them. */
  readonly isEdited: boolean;
  readonly isSample: boolean;
  readonly state: ArticleState;
  /** The issue that holds it. */
  readonly issueId: IssueId | null;
}
