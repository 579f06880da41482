/** The shapes of /api/v1 that have to do with articles and where they come from. */

export interface Feed {
  readonly id: number;
  readonly url: string;
  readonly title: string | null;
  readonly sectionId: number;
  readonly isSample: boolean;
  readonly status: 'new' | 'ok' | 'failing';
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  readonly failureCount: number;
  readonly weight: number;
  readonly lastPolledAt: string | null;
  readonly lastSuccessAt: string | null;
  readonly nextPollAt: string;
  readonly lastNewsAt: string | null;
  readonly articleCount: number;
}

export interface AddedFeed extends Feed {
  /** Its server did not answer: words for whoever added it. */
  readonly warning: string | null;
}

export interface FeedPoll {
  readonly polledAt: string;
  readonly outcome: 'read' | 'not_modified' | 'failed';
  readonly itemCount: number | null;
  readonly newCount: number | null;
  readonly warningCount: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly tookMs: number;
}

export interface Article {
  readonly id: number;
  readonly sectionSlug: string;
  readonly feedId: number | null;
  readonly url: string;
  readonly title: string;
  readonly summary: string;
  readonly author: string | null;
  readonly sourceName: string | null;
  readonly imageUrl: string | null;
  readonly imageAlt: string | null;
  readonly publishedAt: string | null;
  readonly firstSeenAt: string;
  readonly weight: number;
  readonly isPinned: boolean;
  readonly isEligible: boolean;
  readonly isEdited: boolean;
  readonly isSample: boolean;
  readonly state: 'unsent' | 'left_out' | 'used';
}

/** What may be written of an article by hand. */
export interface ArticleDraft {
  readonly title: string;
  readonly summary: string;
  readonly author: string;
  readonly section: string;
  readonly imageUrl: string;
  readonly imageAlt: string;
  readonly weight: number;
}

export interface ArticlePage {
  readonly articles: readonly Article[];
  readonly nextCursor: number | null;
}

export interface CategoryRule {
  readonly category: string;
  readonly sectionSlug: string;
}
