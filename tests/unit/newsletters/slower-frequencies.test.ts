import { describe, expect, it } from 'vitest';
import { listSlowerFrequencies } from '../../../src/newsletters/index.ts';

describe('what is slower than a newsletter', () => {
  it.each([
    { when: 'every day', cron: '0 8 * * *', slower: ['weekly', 'monthly'] },
    { when: 'on weekdays', cron: '0 8 * * 1-5', slower: ['weekly', 'monthly'] },
    { when: 'twice a week', cron: '0 8 * * 1,4', slower: ['weekly', 'monthly'] },
    { when: 'several times a day', cron: '0 * * * *', slower: ['weekly', 'monthly'] },
    { when: 'once a week', cron: '0 8 * * 4', slower: ['monthly'] },
    { when: 'twice a month', cron: '0 8 1,15 * *', slower: ['monthly'] },
    { when: 'once a month', cron: '0 8 1 * *', slower: [] },
    { when: 'on the last day of the month', cron: '0 8 L * *', slower: [] },
    { when: 'on the first Monday of the month', cron: '0 8 * * 1#1', slower: [] },
    { when: 'once a year', cron: '0 8 24 12 *', slower: [] },
    { when: 'every four years', cron: '0 8 29 2 *', slower: [] },
    { when: 'without a schedule', cron: '', slower: [] },
  ])('is $slower for one that comes $when', ({ cron, slower }) => {
    expect(listSlowerFrequencies(cron)).toEqual(slower);
  });
});
