import { describe, expect, it } from 'vitest';
import { readRate } from '../../../bench/row-limit.ts';

describe('readRate', () => {
  it('takes the rate without the time it took to connect', () => {
    const output =
      'number of failed transactions: 0 (0.000%)\nlatency average = 3.2 ms\n' +
      'tps = 4967.123 (without initial connection time)\n';

    expect(readRate(output)).toBe(4967.123);
  });

  it('refuses a run in which a transaction failed, or that has no rate', () => {
    expect(() => readRate('number of failed transactions: 3 (0.1%)\ntps = 10.0 (without ...)\n')).toThrow('pgbench');
    expect(() => readRate('')).toThrow('pgbench');
  });
});
