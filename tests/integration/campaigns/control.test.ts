import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  campaignProgress,
  cancelCampaign,
  pauseCampaign,
  requireCampaign,
  resumeCampaign,
} from '../../../src/campaigns/index.ts';
import type { CampaignProgress } from '../../../src/campaigns/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, NewsletterId } from '../../../src/shared/ids.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

const READERS = 3000;
const DEADLINE_MS = 60_000;
const SLOW_MS = 3 * DEADLINE_MS;

let system: TestSystem;
let newsletterId: NewsletterId;

beforeAll(async () => {
  system = await startTestSystem();
  newsletterId = await addReaders(system.deps, READERS);
});
afterAll(() => system.stop());

const by = (id: CampaignId) => ({ id, actor: CLI_ACTOR });

async function look(id: CampaignId): Promise<CampaignProgress> {
  const progress = await campaignProgress(system.deps, await requireCampaign(system.deps.db, id));
  if (progress === null) {
    throw new Error('not frozen yet');
  }
  const { audience, accepted, rejected, suppressed, ambiguous, cancelled, open } = progress;
  expect(accepted + rejected + suppressed + ambiguous + cancelled + open).toBe(audience);
  expect(open).toBeGreaterThanOrEqual(0);
  return progress;
}

/** What left, by the log of the receiving server. */
function leftFor(subject: string): string[] {
  return system.sink.mails
    .filter((mail) => mail.raw.includes(`Subject: ${subject}`))
    .flatMap(({ recipients }) => recipients);
}

it(
  'pauses for all workers, resumes with the rest, and its parts add up at every look (T11, T12)',
  { timeout: SLOW_MS },
  async () => {
    const id = await sendTestCampaign(system.deps, newsletterId, 'Paused and resumed');
    await waitFor('the first mails', async () => (await look(id)).accepted > 50, DEADLINE_MS);

    const paused = await pauseCampaign(system.deps, by(id));
    const { underWay } = await look(id);
    const leftAtPause = leftFor('Paused and resumed').length;
    await waitFor('nothing under way', async () => (await look(id)).underWay === 0, 5000);
    const leftAfterPause = leftFor('Paused and resumed').length;
    expect(paused.status).toBe('paused');
    expect(leftAfterPause - leftAtPause).toBeLessThanOrEqual(underWay);
    expect(leftAfterPause).toBeLessThan(READERS);

    await resumeCampaign(system.deps, by(id));
    await waitFor('the end', async () => (await look(id)).open === 0, DEADLINE_MS);
    const left = leftFor('Paused and resumed');
    expect([left.length, new Set(left).size]).toEqual([READERS, READERS]);
    expect(await look(id)).toMatchObject({ accepted: READERS, open: 0 });
  },
);

it('cancels for all workers, and tells what has left', { timeout: SLOW_MS }, async () => {
  const id = await sendTestCampaign(system.deps, newsletterId, 'Cancelled');
  await waitFor('the first mails', async () => (await look(id)).accepted > 50, DEADLINE_MS);

  await cancelCampaign(system.deps, by(id));
  await waitFor('nothing open', async () => (await look(id)).open === 0, 5000);

  const { accepted, cancelled } = await look(id);
  expect([accepted + cancelled, leftFor('Cancelled').length]).toEqual([READERS, accepted]);
  expect(cancelled).toBeGreaterThan(0);
});
