import { createHash } from 'node:crypto';
import { urlIdentity } from './canonical-url.ts';
import type { FeedItem } from './feed-reading.ts';

/** Shorter texts are shared by different articles ("Morning briefing", "Episode 12"). */
const MIN_FINGERPRINT_LENGTH = 80;

/** Shorter titles come again the same day ("Update", "Photo"). */
const MIN_DATED_TITLE_LENGTH = 10;

type Keyed = Pick<FeedItem, 'guid' | 'url' | 'title' | 'summaryText'> & { readonly publishedAt?: Date | null };

interface KeyScope {
  /** Keeps short guids such as "17" of two feeds apart; a feed's own id. */
  readonly feedScope: string;
  /** An item that links only to the front page has no address of its own. */
  readonly homeUrl: string | null;
  /** Only dates before this count: a date in the future was replaced by the time of reading, which is another each time. */
  readonly settledBefore?: Date;
}

/**
 * The keys by which each item of one reading is known again, whatever its feed does to its address or guid (T9).
 * A guid or address that several different items of the reading share tells them not apart, and is no key.
 */
export function articleKeys(items: readonly Keyed[], scope: KeyScope): readonly (readonly Buffer[])[] {
  const home = scope.homeUrl === null ? undefined : urlIdentity(scope.homeUrl);
  const identities = items.map((item) => (item.url === null ? undefined : urlIdentity(item.url)));
  const guids = items.map((item) => guidIdentity(item.guid, scope.feedScope));
  const sharedUrls = sharedByDifferent(identities, guids);
  const sharedGuids = sharedByDifferent(guids, identities);
  const dates = items.map((item) => datedTitle(item, scope));
  const sharedDates = sharedByDifferent(dates, identities);
  return items.map((item, index) => {
    const url = identities[index];
    const guid = guids[index];
    const text = fingerprintText(item);
    return [
      ...(url === undefined || url === home || sharedUrls.has(url) ? [] : [digest('url', url)]),
      ...(guid === undefined || sharedGuids.has(guid) ? [] : [digest('guid', guid)]),
      ...(text.length < MIN_FINGERPRINT_LENGTH ? [] : [digest('content', text)]),
      ...dated(dates[index], sharedDates),
    ];
  });
}

function dated(key: string | undefined, shared: ReadonlySet<string>): readonly Buffer[] {
  return key === undefined || shared.has(key) ? [] : [digest('dated', key)];
}

/** A site that is rebuilt gives each article another address and guid at once; its headline and its date stay. */
function datedTitle(item: Keyed, { feedScope, settledBefore }: KeyScope): string | undefined {
  const at = item.publishedAt ?? undefined;
  const title = plainWords(item.title);
  return at === undefined || settledBefore === undefined || at >= settledBefore || title.length < MIN_DATED_TITLE_LENGTH
    ? undefined
    : `${feedScope} ${at.toISOString()} ${title}`;
}

/** An address as guid means the same with http and https; a long or qualified guid is unique in the world. */
function guidIdentity(guid: string | null, feedScope: string): string | undefined {
  if (guid === null || guid === '') {
    return undefined;
  }
  if (/^https?:\/\//i.test(guid)) {
    return urlIdentity(guid);
  }
  const isGlobal = /^(?:tag|urn|yt):/i.test(guid) || guid.length >= 20;
  return isGlobal ? guid : `${feedScope} ${guid}`;
}

function sharedByDifferent(
  values: readonly (string | undefined)[],
  others: readonly (string | undefined)[],
): ReadonlySet<string> {
  const seen = new Map<string, string | undefined>();
  const shared = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (value === undefined) {
      continue;
    }
    if (seen.has(value) && seen.get(value) !== others[index]) {
      shared.add(value);
    }
    seen.set(value, others[index]);
  }
  return shared;
}

function fingerprintText(item: Keyed): string {
  return plainWords(`${item.title} ${item.summaryText}`);
}

/** Letters and digits only: typography and white space are what republishing changes. */
function plainWords(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function digest(kind: string, value: string): Buffer {
  return createHash('sha256').update(`${kind}:${value}`).digest();
}
