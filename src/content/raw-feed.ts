import type { FeedFormat } from './feed-reading.ts';

/** Papers on physics have hundreds. */
const MAX_AUTHORS = 5;

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

/**
 * The text of an article. One that begins and ends with an escaped tag and has no other was escaped twice: readers should see
 * the paragraph, not `<p>`.
 */
export function rawBody(value: string | undefined): RawText | undefined {
  const isTwice =
    value !== undefined &&
    !value.includes('<') &&
    /^\s*&lt;[a-z][^&]*&gt;/i.test(value) &&
    /&lt;\/[a-z]\w*&gt;\s*$/i.test(value);
  return rawHtml(
    isTwice
      ? value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
      : value,
  );
}

/** References left after decoding, and no tag: somebody escaped twice. Readers should not see `&ldquo;`. */
export function isEscapedTwice(text: string): boolean {
  return /&(?:#\d{2,6}|#x[\da-f]{2,5}|[a-z]{2,8});/i.test(text) && !/[<>]/.test(text);
}

/** Several authors in one line. Undefined when none has a name. */
export function namesOf(names: readonly (string | undefined)[] | undefined): string | undefined {
  const given = new Set(
    present(...(names ?? []))
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
  return given.size === 0 ? undefined : [...given].slice(0, MAX_AUTHORS).join(', ');
}

/** Keeps what is there, in order: feeds leave out anything. */
export function present<T>(...values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
