import { describe, expect, it } from 'vitest';
import { median, medianBy, percentile } from '../../../bench/statistics.ts';

describe('percentile', () => {
  it('takes the nearest rank, so that it is a value that was measured', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);

    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile(values, 1)).toBe(100);
    expect(percentile([7], 0.95)).toBe(7);
  });

  it('does not sort what it was given', () => {
    const values = [3, 1, 2];

    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses to make a figure out of nothing', () => {
    expect(() => percentile([], 0.5)).toThrow('no values');
  });
});

describe('medianBy', () => {
  it('keeps a figure together with the limit of its own round', () => {
    const rounds = [
      { ours: 10, limit: 100 },
      { ours: 30, limit: 100 },
      { ours: 40, limit: 200 },
    ];

    expect(medianBy(rounds, ({ ours, limit }) => ours / limit)).toEqual({ ours: 40, limit: 200 });
  });
});
