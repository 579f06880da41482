import { createHash } from 'node:crypto';
import type { Random } from '../../src/shared/random.ts';

/** The same seed gives the same bytes in the same order, so that a run can be replayed. */
export function createSeededRandom(seed: string): Random {
  let block = 0;
  let pool = Buffer.alloc(0);
  return {
    bytes: (count) => {
      while (pool.length < count) {
        pool = Buffer.concat([pool, createHash('sha256').update(`${seed}/${block}`).digest()]);
        block += 1;
      }
      const taken = pool.subarray(0, count);
      pool = pool.subarray(count);
      return Buffer.from(taken);
    },
  };
}
