import { describe, expect, it } from 'vitest';
import { compare, isMet } from '../../../bench/figure.ts';
import { printFigures } from '../../../bench/print-figures.ts';

describe('printFigures', () => {
  it('shows each figure with its limit, their ratio, and whether the target was met', () => {
    const figures = [
      compare({ figure: 'sign-ups', value: 900, unit: '/s', limit: 2000, target: { ratioAtLeast: 0.35 } }),
      { figure: 'start', value: 6200.4, unit: 'ms', target: { atMost: 6000 } },
      { figure: 'processes', value: 9, unit: '' },
    ];

    expect(printFigures({ figures, notes: ['three rounds'] }).split('\n')).toEqual([
      'figure       value    limit  ratio  target',
      'sign-ups    900 /s  2000 /s   0.45  ratio at least 0.35: met',
      'start      6200 ms                  at most 6000 ms: MISSED',
      'processes        9',
      '- three rounds',
    ]);
  });
});

describe('isMet', () => {
  it('says nothing about a figure without a target', () => {
    expect(isMet({ figure: 'mails', value: 1, unit: '/s' })).toBeUndefined();
  });

  it('counts a figure that is exactly on its target as met', () => {
    expect(isMet({ figure: 'start', value: 3000, unit: 'ms', target: { atMost: 3000 } })).toBe(true);
    const exact = compare({ figure: 'rate', value: 35, unit: '/s', limit: 100, target: { ratioAtLeast: 0.35 } });
    expect(isMet(exact)).toBe(true);
  });
});
