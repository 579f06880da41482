import { describe, expect, it } from 'vitest';
import { CAMPAIGN_STATUSES, mayMove } from '../../../src/campaigns/campaign.ts';
import { estimate } from '../../../src/campaigns/campaign-progress.ts';
import { campaignChangesSchema, newCampaignSchema } from '../../../src/campaigns/campaign-input.ts';

describe('the state machine', () => {
  it('allows each move from the statuses of its table only', () => {
    const from = (move: Parameters<typeof mayMove>[1]) =>
      CAMPAIGN_STATUSES.filter((status) => mayMove({ status }, move));

    expect({
      update: from('update'),
      delete: from('delete'),
      send: from('send'),
      undo: from('undo'),
      pause: from('pause'),
      resume: from('resume'),
      cancel: from('cancel'),
      retry: from('retry'),
      resolve: from('resolve'),
    }).toEqual({
      update: ['draft'],
      delete: ['draft'],
      send: ['draft'],
      undo: ['scheduled'],
      pause: ['sending'],
      resume: ['paused'],
      cancel: ['scheduled', 'sending', 'paused'],
      retry: ['sending', 'paused', 'sent'],
      resolve: ['sending', 'paused', 'sent', 'cancelled'],
    });
  });
});

describe('estimate', () => {
  it('takes the rate of the last ten seconds', () => {
    expect(estimate(25, 100, 3_600_000)).toEqual({ ratePerSecond: 2.5, etaSeconds: 40 });
  });

  it('takes the time since the start within the first ten seconds', () => {
    expect(estimate(10, 10, 2000)).toEqual({ ratePerSecond: 5, etaSeconds: 2 });
    expect(estimate(10, 10, 0)).toEqual({ ratePerSecond: 10, etaSeconds: 1 });
  });

  it('makes no promise when nothing moves or nothing is left', () => {
    expect(estimate(0, 10, 60_000)).toEqual({ ratePerSecond: 0, etaSeconds: null });
    expect(estimate(50, 0, 60_000)).toEqual({ ratePerSecond: 5, etaSeconds: null });
  });
});

describe('newCampaignSchema', () => {
  const text = { subject: ' News ', format: 'markdown', source: 'Hello' };

  it('takes the newsletter by id or by short name, but not both or none', () => {
    expect(newCampaignSchema.parse({ ...text, newsletterId: 7 })).toEqual({
      subject: 'News',
      preheader: null,
      format: 'markdown',
      source: 'Hello',
      newsletter: { id: 7 },
    });
    expect(newCampaignSchema.parse({ ...text, newsletter: 'daily' })).toMatchObject({ newsletter: { slug: 'daily' } });
    expect(newCampaignSchema.safeParse(text).success).toBe(false);
    expect(newCampaignSchema.safeParse({ ...text, newsletterId: 7, newsletter: 'daily' }).success).toBe(false);
  });

  it('refuses a subject of two lines, which would be a header of its own', () => {
    const parsed = newCampaignSchema.safeParse({ ...text, newsletterId: 7, subject: 'News\r\nBcc: all@example.org' });
    expect(parsed.success).toBe(false);
  });
});

describe('campaignChangesSchema', () => {
  it('leaves out what was left out, and clears a preheader that is empty', () => {
    expect(campaignChangesSchema.parse({ subject: 'Other' })).toEqual({ subject: 'Other' });
    expect(campaignChangesSchema.parse({ preheader: '' })).toEqual({ preheader: null });
  });
});
