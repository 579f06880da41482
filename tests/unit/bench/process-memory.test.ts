import { describe, expect, it } from 'vitest';
import { readKilobytes } from '../../../bench/process-memory.ts';

describe('readKilobytes', () => {
  const rollup =
    '00400000-7ffd ---p 00000000 00:00 0   [rollup]\nRss:   121000 kB\nPss:   99344 kB\nPss_Anon:   80000 kB\n';

  it('reads the line of exactly that name', () => {
    expect(readKilobytes(rollup, 'Pss')).toBe(99_344);
    expect(readKilobytes(rollup, 'Rss')).toBe(121_000);
  });

  it('fails when the kernel does not tell', () => {
    expect(() => readKilobytes(rollup, 'Swap')).toThrow('Swap');
  });
});
