import { describe, expect, it } from 'vitest';
import { createBoundedCache } from '../../../src/rendering/bounded-cache.ts';

describe('createBoundedCache', () => {
  it('forgets what was not used for longest', () => {
    const cache = createBoundedCache<number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);

    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
  });

  it('replaces an entry without forgetting another', () => {
    const cache = createBoundedCache<number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.set('b', 3);

    expect([cache.get('a'), cache.get('b')]).toEqual([1, 3]);
  });
});
