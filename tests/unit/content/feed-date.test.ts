import { expect, test } from 'vitest';
import { readFeedDate } from '../../../src/content/feed-date.ts';

test.each([
  ['Wed, 02 Oct 2002 13:00:00 GMT', '2002-10-02T13:00:00.000Z'],
  ['Wed, 02 Oct 2002 15:00:00 +0200', '2002-10-02T13:00:00.000Z'],
  ['2 Oct 02 15:00 CEST', '2002-10-02T13:00:00.000Z'],
  ['Wed, 02 October 2002 08:00:00 EST', '2002-10-02T13:00:00.000Z'],
  ['03 Apr 02 1500 GMT', '2002-04-03T15:00:00.000Z'],
  ['Seg, 24 Set 2018 19:42:40 -0300', '2018-09-24T22:42:40.000Z'],
  ['Di, 03 Mär 2026 10:00:00 +0100', '2026-03-03T09:00:00.000Z'],
  ['2026-11-23T08:00:00Z', '2026-11-23T08:00:00.000Z'],
  ['2026-11-23T08:00:00.123456+01:00', '2026-11-23T07:00:00.000Z'],
  ['2026-11-23 08:00:00', '2026-11-23T08:00:00.000Z'],
  ['2026-11-23', '2026-11-23T00:00:00.000Z'],
  ['Mon Nov 23 2026 08:00:00 GMT+0100', '2026-11-23T07:00:00.000Z'],
  ['', undefined],
  ['soon', undefined],
  ['1518478934', undefined],
  ['31 Feb 2026 10:00 GMT', undefined],
  ['0001-01-01T00:00:00Z', undefined],
  ['Mon, 01 Jan 0001 00:00:00 GMT', undefined],
  ['Mon, 23 Nov 2026 08:00:00 XYZ', undefined],
])('reads %j as %s', (text, expected) => {
  expect(readFeedDate(text)?.toISOString()).toBe(expected);
});
