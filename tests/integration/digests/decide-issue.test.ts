import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelCampaign, startCampaign, undoSend } from '../../../src/campaigns/index.ts';
import {
  approveIssue,
  buildIssue,
  decideWaitingIssues,
  dropIssue,
  listIssues,
  withdrawApproval,
} from '../../../src/digests/index.ts';
import { defaultDigestRules } from '../../../src/newsletters/digest-rules.ts';
import { upsertDigestRules } from '../../../src/newsletters/digest-rules.repository.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, IssueId, NewsletterId } from '../../../src/shared/ids.ts';
import { openDailyPaper } from './daily-paper.ts';
import type { DailyPaper } from './daily-paper.ts';

const HOUR_MS = 3_600_000;
const log = createLogger('silent', 'test');

let daily: DailyPaper;
let deps: DailyPaper['deps'];
let newsletterId: NewsletterId;
let issueId: IssueId;
let periodAt: Date;
let papers = 0;

beforeAll(async () => {
  daily = await openDailyPaper();
  ({ deps } = daily);
});
afterAll(() => daily.close());
/** An issue with two articles waits for an editor, six hours before its time. */
beforeEach(async () => {
  papers += 1;
  const paper = await daily.open(`Decided ${papers}`);
  newsletterId = paper.newsletter.id;
  await paper.join();
  await paper.publish(`Politics ${papers}`, `Sports ${papers}`);
  await setRules({ approval: 'required', prepareHours: 6, deadlinePolicy: 'send' });
  periodAt = paper.newsletter.nextRunAt ?? new Date(0);
  deps.clock.set(new Date(periodAt.getTime() - 6 * HOUR_MS));
  const built = await buildIssue({ ...deps, log }, newsletterId);
  if (built.kind !== 'awaiting-approval') {
    throw new Error(`the issue is ${built.kind}`);
  }
  issueId = built.issueId;
});

async function setRules(rules: object): Promise<void> {
  const all = { ...defaultDigestRules(newsletterId), ...rules };
  await deps.db.transaction().execute((tx) => upsertDigestRules(tx, all, deps.clock.now()));
}

const approve = (when?: 'at_time' | 'now') =>
  approveIssue(deps, issueId, CLI_ACTOR, when === undefined ? {} : { when });
const withdraw = () => withdrawApproval(deps, issueId, CLI_ACTOR);

function issueRow() {
  return deps.db.selectFrom('issues').selectAll().where('id', '=', issueId).executeTakeFirstOrThrow();
}

function campaigns() {
  return deps.db.selectFrom('campaigns').selectAll().where('issue_id', '=', issueId).execute();
}

async function countDeliveries(campaignId: CampaignId): Promise<number> {
  const rows = await deps.db.selectFrom('deliveries').select('id').where('campaign_id', '=', campaignId).execute();
  return rows.length;
}

async function audited(action: string): Promise<number> {
  const rows = await deps.db
    .selectFrom('audit_log')
    .select('id')
    .where('action', '=', action)
    .where('subject_kind', '=', 'issue')
    .where('subject_id', '=', String(issueId))
    .execute();
  return rows.length;
}

describe('approving', () => {
  it('answers a double click, a second tab and a repeated request with the same campaign', async () => {
    const answers = await Promise.all([approve(), approve(), approve()]);
    expect(new Set(answers).size).toBe(1);
    expect(await campaigns()).toMatchObject([{ id: answers[0], status: 'scheduled', start_at: periodAt }]);
    expect(await audited('issue.approved')).toBe(1);
    deps.clock.set(periodAt);
    expect(await startCampaign(deps, await approve())).toMatchObject({ kind: 'started' });
    expect(await approve()).toBe(answers[0]);
  });

  it('lets it leave at its time, or at once, or at once after all', async () => {
    const campaignId = await approve('at_time');
    expect(await campaigns()).toMatchObject([{ start_at: periodAt }]);
    deps.clock.advance(HOUR_MS);
    expect(await approve('now')).toBe(campaignId);
    const now = deps.clock.now();
    expect(await campaigns()).toMatchObject([{ id: campaignId, start_at: now }]);
    expect(await issueRow()).toMatchObject({ status: 'approved', published_at: now });
    expect(await startCampaign(deps, campaignId)).toMatchObject({ kind: 'started', audienceCount: 1 });
    expect(await approve('now')).toBe(campaignId);
    expect(await campaigns()).toMatchObject([{ start_at: now }]);
  });

  it('leaves at once when that was chosen first', async () => {
    await approve('now');
    expect(await campaigns()).toMatchObject([{ start_at: deps.clock.now() }]);
  });

  it('refuses a dropped one, and says so; drops it only once', async () => {
    await Promise.all([dropIssue(deps, issueId, CLI_ACTOR), dropIssue(deps, issueId, CLI_ACTOR)]);
    expect(await audited('issue.dropped')).toBe(1);
    await expect(approve()).rejects.toMatchObject({
      code: 'issue_already_decided',
      details: { issueStatus: 'dropped' },
    });
    await expect(withdraw()).rejects.toMatchObject({ code: 'issue_already_decided' });
    expect(await campaigns()).toEqual([]);
  });

  it('lets one of two who decide differently win', async () => {
    const [approved, dropped] = await Promise.allSettled([approve(), dropIssue(deps, issueId, CLI_ACTOR)]);
    const { status } = await issueRow();
    expect(approved.status).toBe(status === 'approved' ? 'fulfilled' : 'rejected');
    expect(dropped.status).toBe(status === 'dropped' ? 'fulfilled' : 'rejected');
    expect(await campaigns()).toHaveLength(status === 'approved' ? 1 : 0);
  });
});

describe('taking an approval back', () => {
  it('lets the issue wait again, with its articles, and a new approval makes a new campaign', async () => {
    const first = await approve();
    await Promise.all([withdraw(), withdraw()]);
    expect(await campaigns()).toEqual([]);
    expect(await audited('issue.withdrawn')).toBe(1);
    expect(await issueRow()).toMatchObject({
      status: 'awaiting_approval',
      number: null,
      published_at: null,
      waits_because: 'first',
    });
    expect(await listIssues(deps.db, newsletterId, 1)).toMatchObject([{ articleCount: 2, campaignId: null }]);
    const second = await approve('now');
    expect(second).not.toBe(first);
    expect(await startCampaign(deps, first)).toEqual({ kind: 'not-due' });
    expect(await startCampaign(deps, second)).toMatchObject({ kind: 'started', audienceCount: 1 });
  });

  it('is the only way back: its campaign does not become a draft', async () => {
    const id = await approve();
    await expect(undoSend(deps, { id, actor: CLI_ACTOR })).rejects.toMatchObject({ code: 'issue_not_editable' });
    expect(await campaigns()).toMatchObject([{ id, status: 'scheduled' }]);
  });

  it('comes too late once it has started', async () => {
    const campaignId = await approve('now');
    await startCampaign(deps, campaignId);
    await expect(withdraw()).rejects.toMatchObject({ code: 'issue_started' });
    expect(await issueRow()).toMatchObject({ status: 'approved', number: 1 });
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'is either in time or too late when a worker starts at the same moment (%i)',
    async () => {
      const campaignId = await approve('now');
      const [start, back] = await Promise.allSettled([startCampaign(deps, campaignId), withdraw()]);
      const { status } = await issueRow();
      const isBack = back.status === 'fulfilled';
      expect(status).toBe(isBack ? 'awaiting_approval' : 'approved');
      expect(start).toMatchObject({ value: { kind: isBack ? 'not-due' : 'started' } });
      expect(await campaigns()).toHaveLength(isBack ? 0 : 1);
      expect(await countDeliveries(campaignId)).toBe(isBack ? 0 : 1);
    },
  );

  it('waits while another transaction starts the campaign for nobody, and refuses', async () => {
    const campaignId = await approve('now');
    await deps.db.transaction().execute(async (tx) => {
      await tx.selectFrom('campaigns').select('id').where('id', '=', campaignId).forNoKeyUpdate().execute();
      await expect(withdraw()).rejects.toMatchObject({ code: 'issue_started' });
    });
    expect(await campaigns()).toHaveLength(1);
  });

  it('past its time leaves it to a person, whatever the deadline policy', async () => {
    await approve();
    deps.clock.set(new Date(periodAt.getTime() + HOUR_MS));
    await withdraw();
    await decideWaitingIssues({ ...deps, log });
    expect(await issueRow()).toMatchObject({ status: 'awaiting_approval', waits_because: 'overdue' });
  });

  it('brings back an issue whose mailing was cancelled before it started', async () => {
    const campaignId = await approve();
    await cancelCampaign(deps, { id: campaignId, actor: CLI_ACTOR });
    await withdraw();
    expect(await issueRow()).toMatchObject({ status: 'awaiting_approval' });
    expect(await approve()).not.toBe(campaignId);
  });
});
