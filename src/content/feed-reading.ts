export const FEED_FORMATS = ['rss', 'rdf', 'atom', 'json'] as const;
export type FeedFormat = (typeof FEED_FORMATS)[number];

export const NOT_A_FEED_REASONS = [
  'feed_empty',
  'feed_too_large',
  'feed_is_html',
  'feed_declares_entities',
  'feed_too_deep',
  'feed_malformed',
  'feed_unrecognised',
  'feed_too_costly',
] as const;
export type NotAFeedReason = (typeof NOT_A_FEED_REASONS)[number];

export const FEED_WARNINGS = [
  'charset_guessed',
  'doctype_removed',
  'found_inside_another_document',
  'items_salvaged',
  'item_cap_reached',
  'item_without_url',
  'item_without_title',
  'date_unreadable',
  'date_in_future',
] as const;
export type FeedWarningCode = (typeof FEED_WARNINGS)[number];

export interface FeedWarning {
  readonly code: FeedWarningCode;
  readonly message: string;
}

export interface FeedItem {
  readonly guid: string | null;
  /** Canonical: absolute, http(s), without tracking parameters. Null when the item links nowhere. */
  readonly url: string | null;
  /** Plain text; never empty (the first words of the text, or the address, when the feed gives none). */
  readonly title: string;
  /** Plain text of at most about 300 characters, cut at a sentence or word. */
  readonly summaryText: string;
  readonly author: string | null;
  readonly publishedAt: Date | null;
  readonly imageUrl: string | null;
  readonly imageAlt: string | null;
  /** Pixels, where the feed says so; the one never without the other. */
  readonly imageWidth: number | null;
  readonly imageHeight: number | null;
  readonly language: string | null;
  readonly categories: readonly string[];
  /** Words of the content, when the feed carries more than a teaser; for the reading time. */
  readonly wordCount: number | null;
  /** Only in a full reading: what nothing in a digest needs. */
  readonly full?: FullItem;
}

export interface FullItem {
  /** What the feed offers as the article, sanitised: no script, no style, https images with their alt text. */
  readonly contentHtml: string;
  readonly givenUrl: string | null;
  readonly givenDates: readonly string[];
}

export interface FeedReading {
  readonly kind: 'feed';
  readonly format: FeedFormat;
  readonly title: string | null;
  readonly homeUrl: string | null;
  readonly language: string | null;
  /** How long the feed says that it stays as it is (`<ttl>`). */
  readonly ttlSeconds?: number | undefined;
  /** In the order of the document; the newest ones when there were more than the cap. */
  readonly items: readonly FeedItem[];
  readonly warnings: readonly FeedWarning[];
}

export interface NotAFeed {
  readonly kind: 'not-a-feed';
  readonly reason: NotAFeedReason;
  readonly message: string;
}
