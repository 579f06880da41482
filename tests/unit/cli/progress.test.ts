import { describe, expect, it } from 'vitest';
import type { CampaignProgress } from '../../../src/campaigns/index.ts';
import { drawProgress } from '../../../src/cli/draw-progress.ts';
import { alignColumns } from '../../../src/cli/output.ts';
import { describeProgress } from '../../../src/cli/watch-campaign.ts';

const PROGRESS: CampaignProgress = {
  audience: 2000,
  accepted: 1190,
  rejected: 6,
  suppressed: 3,
  ambiguous: 1,
  cancelled: 0,
  open: 800,
  ratePerSecond: 240,
  etaSeconds: 4,
};

describe('drawProgress', () => {
  it('draws the settled share, the rate and the time left', () => {
    expect(drawProgress(PROGRESS, 54)).toBe('[######----] 60 % 1200/2000  240/s  4 s left');
  });

  it('fits a narrow and a wide terminal', () => {
    const widths = [20, 80, 300].map((columns) => drawProgress(PROGRESS, columns).indexOf(']'));
    expect(widths).toEqual([6, 37, 41]);
  });

  it('is full when there is nobody to mail', () => {
    const none = { ...PROGRESS, audience: 0, open: 0, etaSeconds: null };
    expect(drawProgress(none, 54)).toContain('[##########] 100 % 0/0');
  });
});

it('describes progress as a sum that balances', () => {
  expect(describeProgress(PROGRESS)).toBe(
    'audience 2000 = accepted 1190 + rejected 6 + suppressed 3 + ambiguous 1 + open 800, 240/s, 4 s left',
  );
});

it('aligns columns by their widest cell', () => {
  expect(
    alignColumns([
      ['a', 'long', 'x'],
      ['bbb', 'c', ''],
    ]),
  ).toEqual(['a    long  x', 'bbb  c']);
});
