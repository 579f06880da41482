import type { FeedFormat } from './feed-reading.ts';

/** Text as a feed gave it; whether it is HTML is known only to the format. */
export interface RawText {
  readonly value: string;
  readonly isHtml: boolean;
}

/** One item in the words of its feed, before anything is resolved, cleaned or trusted. */
export interface RawItem {
  readonly guid: string | undefined;
  readonly url: string | undefined;
  readonly baseUrl: string | undefined;
  readonly title: RawText | undefined;
  readonly summary: RawText | undefined;
  readonly content: RawText | undefined;
  readonly author: string | undefined;
  /** Candidates, best first. */
  readonly dates: readonly string[];
  readonly images: readonly RawImage[];
  readonly language: string | undefined;
  readonly categories: readonly string[];
}

export interface RawImage {
  readonly url: string;
  readonly alt?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

export interface RawFeed {
  readonly format: FeedFormat;
  readonly title: RawText | undefined;
  readonly homeUrl: string | undefined;
  readonly baseUrl: string | undefined;
  readonly language: string | undefined;
  /** How long the feed says that it stays as it is. */
  readonly ttlMinutes?: number | undefined;
  readonly items: readonly RawItem[];
}

export function rawHtml(value: string | undefined): RawText | undefined {
  return value === undefined ? undefined : { value, isHtml: true };
}

/** Keeps what is there, in order: feeds leave out anything. */
export function present<T>(...values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
