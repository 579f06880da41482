import { expect, test } from 'vitest';
import { articleKeys } from '../../../src/content/article-keys.ts';

const SCOPE = { feedScope: 'feed 1', homeUrl: 'https://a.example/' };
const TEXT = 'A summary that is long enough to tell this article from every other one in the paper of the day.';

function keysOf(...items: readonly { guid?: string; url?: string; title?: string; summaryText?: string }[]) {
  const full = items.map((item) => ({ guid: null, url: null, title: 'T', summaryText: '', ...item }));
  return articleKeys(full, SCOPE).map((keys) => keys.map((key) => key.toString('hex')));
}

function share(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.some((key) => b.includes(key));
}

test('an article is known again when its guid, its address or its scheme changes', () => {
  const [before] = keysOf({
    guid: 'http://a.example/?p=1',
    url: 'http://a.example/one',
    title: 'One',
    summaryText: TEXT,
  });
  const changed = [
    { guid: 'new-guid', url: 'https://a.example/one/' },
    { guid: 'https://a.example/?p=1', url: 'https://a.example/moved' },
    { guid: 'other', url: 'https://b.example/x', title: 'ONE', summaryText: TEXT.replaceAll(' ', '  ') },
  ];
  for (const item of changed) {
    expect(share(before, keysOf(item)[0])).toBe(true);
  }
});

test('short texts and short guids of different feeds do not make two articles one', () => {
  const [a] = keysOf({ guid: '17', url: 'https://a.example/1', title: 'Morning briefing' });
  const b = articleKeys([{ guid: '17', url: 'https://b.example/1', title: 'Morning briefing', summaryText: '' }], {
    feedScope: 'feed 2',
    homeUrl: null,
  })[0]?.map((key) => key.toString('hex'));
  expect(share(a, b)).toBe(false);
});

test('an address or guid that different items share is no key', () => {
  const home = keysOf({ guid: 'episode-1', url: 'https://a.example' }, { guid: 'episode-2', url: 'http://a.example/' });
  expect(home.map((keys) => keys.length)).toEqual([1, 1]);
  const shared = keysOf({ guid: 'x1', url: 'https://a.example/app' }, { guid: 'x2', url: 'https://a.example/app' });
  expect(share(shared[0], shared[1])).toBe(false);
  const sameGuid = keysOf({ guid: '0', url: 'https://a.example/1' }, { guid: '0', url: 'https://a.example/2' });
  expect(share(sameGuid[0], sameGuid[1])).toBe(false);
});

test('the same item twice keeps its keys', () => {
  const item = { guid: 'g', url: 'https://a.example/1' };
  const [first, second] = keysOf(item, item);
  expect(first).toEqual(second);
  expect(first).toHaveLength(2);
});
