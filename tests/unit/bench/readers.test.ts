import { describe, expect, it } from 'vitest';
import { readKilobytes } from '../../../bench/process-memory.ts';
import { readRate } from '../../../bench/row-limit.ts';
import { listCosts } from '../../../bench/summarise-profiles.ts';

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

describe('listCosts', () => {
  it('sums the time of a function over all its callers and leaves out waiting', () => {
    const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 });
    const profile = {
      nodes: [
        { id: 1, callFrame: frame('(idle)') },
        { id: 2, callFrame: frame('fold', 'file:///srv/courant/node_modules/nodemailer/lib/mime.js') },
        { id: 3, callFrame: frame('fold', 'file:///srv/courant/node_modules/nodemailer/lib/mime.js') },
        { id: 4, callFrame: frame('', 'file:///srv/courant/src/sending/engine.ts') },
      ],
      samples: [1, 2, 3, 4],
      timeDeltas: [9_000_000, 1_000_000, 2_000_000, 1_000_000],
    };

    expect(listCosts(profile)).toEqual([
      ' 75.0 %    3000 ms  fold  node_modules/nodemailer/lib/mime.js:10',
      ' 25.0 %    1000 ms  (anonymous)  src/sending/engine.ts:10',
    ]);
  });
});
