import { expect, test } from 'vitest';
import { canonicalUrl, urlIdentity } from '../../../src/content/canonical-url.ts';

test.each([
  ['https://a.example/x?utm_source=rss&utm_medium=feed', 'https://a.example/x'],
  ['https://a.example/x?id=7&fbclid=abc', 'https://a.example/x?id=7'],
  ['https://a.example/x?q=a%20b&sig=%2F+', 'https://a.example/x?q=a%20b&sig=%2F+'],
  ['https://a.example/x?source=rss----1&b=2', 'https://a.example/x?b=2'],
  ['https://a.example/x?source=wire', 'https://a.example/x?source=wire'],
  ['HTTPS://User:secret@A.Example:443/x#part', 'https://a.example/x#part'],
  ['https://a.example/x#xtor=RSS-1', 'https://a.example/x'],
  ['/relative', 'https://base.example/relative'],
  ['//other.example/x', 'https://other.example/x'],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['mailto:a@example.com', undefined],
  ['http://', undefined],
])('makes %s %s', (raw, expected) => {
  expect(canonicalUrl(raw, 'https://base.example/feed')).toBe(expected);
});

test('knows one article under its different addresses', () => {
  const same = [
    'https://a.example/story?b=2&a=1',
    'http://a.example/story/?a=1&b=2',
    'https://a.example/story?a=1&b=2&utm_campaign=x',
  ];
  expect(new Set(same.map(urlIdentity)).size).toBe(1);
  const different = [
    'https://a.example/story',
    'https://a.example/story?p=2',
    'https://a.example/story#v2',
    'https://b.example/story',
  ];
  expect(new Set(different.map(urlIdentity)).size).toBe(4);
});
