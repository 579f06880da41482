import { describe, expect, it } from 'vitest';
import { distanceBetween } from '../../../bench/answer-times.ts';

describe('distanceBetween', () => {
  it.each([
    ['the same values', [1, 2, 3], [3, 2, 1], 0],
    ['values that have nothing in common', [1, 2], [3, 4], 1],
    ['half of them shifted', [1, 2, 3, 4], [1, 2, 13, 14], 0.5],
  ])('of %s', (_what, a, b, distance) => {
    expect(distanceBetween(a, b)).toBeCloseTo(distance);
  });
});
