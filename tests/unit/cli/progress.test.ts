import { describe, expect, it } from 'vitest';
import type { Campaign, CampaignProgress } from '../../../src/campaigns/index.ts';
import { drawProgress } from '../../../src/cli/draw-progress.ts';
import { alignColumns } from '../../../src/cli/output.ts';
import { describeCampaign, describeMove, describeProgress } from '../../../src/cli/describe-campaign.ts';

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
  underWay: 300,
  waiting: 0,
  nextDueAt: null,
  hindrances: [],
};
const WAITING: CampaignProgress = {
  ...PROGRESS,
  ratePerSecond: 0,
  etaSeconds: null,
  underWay: 0,
  waiting: 800,
  nextDueAt: new Date('2026-11-22T21:40:00Z'),
};
const STOPPED: CampaignProgress = {
  ...PROGRESS,
  etaSeconds: null,
  hindrances: [{ code: 'kill_switch', message: 'All sending was stopped.' }],
};
const CAMPAIGN = {
  id: 7,
  status: 'sending',
  newsletterName: 'The Weekly',
  subject: 'News',
  startAt: null,
  finishedAt: null,
  stopCode: null,
  localTime: false,
  localAt: null,
  sendWindow: null,
  ambiguousPolicy: 'hold',
} as Campaign;

describe('drawProgress', () => {
  it('draws the settled share, the rate and the time left', () => {
    expect(drawProgress(PROGRESS, 54)).toBe('[######----] 60 % 1200/2000  240/s  4 s left');
  });

  it('fits a narrow and a wide terminal', () => {
    const widths = [20, 80, 300].map((columns) => drawProgress(PROGRESS, columns).indexOf(']'));
    expect(widths).toEqual([6, 37, 41]);
  });

  it('says when the next try is due, or what is in the way, instead of a time left', () => {
    expect(drawProgress(WAITING, 54)).toBe('[######----] 60 % 1200/2000  next try 21:40 UTC');
    expect(drawProgress(STOPPED, 54)).toBe('[######----] 60 % 1200/2000  kill_switch');
  });

  it('is full when there is nobody to mail', () => {
    const none = { ...PROGRESS, audience: 0, open: 0, etaSeconds: null };
    expect(drawProgress(none, 54)).toContain('[##########] 100 % 0/0');
  });
});

it('describes progress as a sum that balances', () => {
  expect(describeProgress(PROGRESS)).toBe(
    'audience 2000 = accepted 1190 + rejected 6 + suppressed 3 + ambiguous 1 + cancelled 0 + open 800, 240/s, 4 s left',
  );
  expect(describeProgress(WAITING)).toMatch(/, 800 due later, the first at 2026-11-22 21:40 UTC$/);
});

describe('describeCampaign', () => {
  it('tells the pace, what workers hold, and what is in doubt', () => {
    expect(describeCampaign(CAMPAIGN, PROGRESS).slice(3)).toEqual([
      'audience 2000 = accepted 1190 + rejected 6 + suppressed 3 + ambiguous 1 + cancelled 0 + open 800',
      'pace: 240/s, about 4 s left for what is due',
      'under way: 300 in the hands of workers',
      'in doubt: nobody knows whether 1 arrived; held until somebody decides, see: campaign ambiguous 7',
    ]);
  });

  it('tells what is in the way of all sending', () => {
    expect(describeCampaign(CAMPAIGN, STOPPED)).toContain('stands still: kill_switch: All sending was stopped.');
  });
});

describe('describeMove', () => {
  it('tells how many may still leave after a pause or a cancellation', () => {
    expect(describeMove('pause', CAMPAIGN, PROGRESS)).toBe(
      'Paused: no other mail is begun. At most 300 that workers have under way may still leave. 500 wait for: campaign resume 7',
    );
    expect(describeMove('cancel', CAMPAIGN, { ...PROGRESS, open: 0, underWay: 0, cancelled: 800 })).toBe(
      'Cancelled for good. 1190 were accepted before and stay with their readers. Nothing is under way.',
    );
  });

  it('tells what a resumed campaign still waits for', () => {
    expect(describeMove('resume', CAMPAIGN, STOPPED)).toBe(
      'It goes on with the 800 that are open, once this is over: kill_switch',
    );
    expect(describeMove('undo', CAMPAIGN, null)).toBe('It is a draft again; nobody got it.');
  });
});

it('aligns columns by their widest cell', () => {
  expect(
    alignColumns([
      ['a', 'long', 'x'],
      ['bbb', 'c', ''],
    ]),
  ).toEqual(['a    long  x', 'bbb  c']);
});
