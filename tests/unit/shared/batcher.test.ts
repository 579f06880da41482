import { describe, expect, it } from 'vitest';
import { createBatcher } from '../../../src/shared/batcher.ts';

describe('createBatcher', () => {
  it('runs what arrives while a batch runs together in the next one', async () => {
    const batches: number[][] = [];
    const gate = Promise.withResolvers<undefined>();
    const batcher = createBatcher<number, number>(async (items) => {
      batches.push([...items]);
      if (batches.length === 1) {
        await gate.promise;
      }
      return items.map((item) => item * 2);
    });

    const first = batcher.add(1);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const rest = [batcher.add(2), batcher.add(3)];
    gate.resolve(undefined);

    expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('fails every item of a batch that fails and goes on with the next', async () => {
    let runs = 0;
    const batcher = createBatcher<number, number>((items) => {
      runs += 1;
      return runs === 1 ? Promise.reject(new Error('down')) : Promise.resolve([...items]);
    });

    const failed = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
    expect(failed.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(await batcher.add(3)).toBe(3);
  });
});
