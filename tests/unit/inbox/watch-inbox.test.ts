import { describe, expect, it } from 'vitest';
import { watchInbox } from '../../../src/inbox/watch-inbox.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('watchInbox', () => {
  it('tells every viewer the state once and then each change, with one poll for all', async () => {
    let state = '1-1';
    let reads = 0;
    const watch = watchInbox(() => {
      reads += 1;
      return Promise.resolve(state);
    });
    const first: string[] = [];
    const second: string[] = [];
    watch.subscribe((news) => first.push(news));
    watch.subscribe((news) => second.push(news));
    await waitFor('both to know', () => first.length === 1 && second.length === 1);
    expect(reads).toBe(1);
    state = '2-2';
    await waitFor('both to hear of it', () => first.at(-1) === '2-2' && second.at(-1) === '2-2', 3000);
    expect([first, second]).toEqual([
      ['1-1', '2-2'],
      ['1-1', '2-2'],
    ]);
    watch.close();
  });

  it('goes on after the database was away', async () => {
    let isAway = true;
    const watch = watchInbox(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve('3-3')));
    const heard: string[] = [];
    watch.subscribe((news) => heard.push(news));
    isAway = false;
    await waitFor('the news', () => heard.length === 1, 3000);
    expect(heard).toEqual(['3-3']);
    watch.close();
  });
});
