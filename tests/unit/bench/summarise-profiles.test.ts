import { describe, expect, it } from 'vitest';
import { listCosts } from '../../../bench/summarise-profiles.ts';

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
