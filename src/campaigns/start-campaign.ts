import { recordAudit } from '../audit/index.ts';
import { GIVE_UP_HOURS, LANE_OF_KIND, countFrozen, insertAudience, loadCompiledMail } from '../deliveries/index.ts';
import { addRemarks, insertVariants, lockSpan } from '../digests/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import { passFailPoint } from '../shared/fail-points.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Campaign } from './campaign.ts';
import {
  allowLongStatements,
  lockCampaign,
  recordStop,
  selectCampaign,
  selectCompiledMailId,
  updateCampaignRow,
} from './campaigns.repository.ts';
import { describeMissingMergeData, findMissingMergeData } from './missing-merge-data.ts';
import { ringLane } from './pause-campaign.ts';
import { prepareVariants } from './prepare-variants.ts';
import type { PreparedIssue } from './prepare-variants.ts';
import type { SendDeps } from './send-campaign.ts';
import { findStartBarrier } from '../legal/index.ts';

export interface StartDeps extends SendDeps {
  readonly keyring: Keyring;
}

export type StartOutcome =
  | { readonly kind: 'started'; readonly audienceCount: number }
  /** Undone, cancelled, started already, or scheduled for later. */
  | { readonly kind: 'not-due' }
  /** Said on the campaign, which stays scheduled; it starts when the reason is gone. */
  | { readonly kind: 'stopped'; readonly code: string };

/**
 * What the job `start-campaign` does: freezes the audience of a due campaign into deliveries, once, whoever else tries at
 * the same time.
 */
export async function startCampaign(deps: StartDeps, id: CampaignId): Promise<StartOutcome> {
  const campaign = await selectCampaign(deps.db, id);
  if (campaign === undefined || !isDue(campaign, deps.clock.now())) {
    return { kind: 'not-due' };
  }
  const frozen = await prepareAndFreeze(deps, campaign);
  if (frozen.kind === 'stopped') {
    await recordStop(deps.db, id, { ...frozen, now: deps.clock.now() });
    return { kind: 'stopped', code: frozen.code };
  }
  if (frozen.kind === 'not-due') {
    return frozen;
  }
  const { audienceCount } = frozen;
  passFailPoint('freeze-commit');
  ringLane(deps.doorbell, campaign.kind);
  if (audienceCount === 0) {
    deps.doorbell.ring('settle-campaign', { campaignId: id });
  }
  return { kind: 'started', audienceCount };
}

interface Stopped {
  readonly kind: 'stopped';
  readonly code: string;
  readonly message: string;
}
interface NotDue {
  readonly kind: 'not-due';
}
type Preparation = { readonly kind: 'ready'; readonly issue: PreparedIssue | null } | NotDue | Stopped;
type Frozen = { readonly kind: 'frozen'; readonly audienceCount: number } | NotDue;

/** Readers who choose while an issue is prepared may come to a mail that is not made yet, and another issue may be frozen: then once more. */
const MOST_ROUNDS = 5;

async function prepareAndFreeze(deps: StartDeps, campaign: Campaign): Promise<Frozen | Stopped> {
  const newsletter = await requireNewsletter(deps.db, { id: campaign.newsletterId });
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const prepared = await prepareMail(deps, campaign, newsletter);
    if (prepared.kind !== 'ready') {
      return prepared;
    }
    const frozen = await freezeOrRollBack(deps, campaign.id, { ...prepared, timeZone: newsletter.timeZone });
    if (frozen !== 'out-of-date') {
      return frozen;
    }
  }
  throw new Error(`campaign ${campaign.id}: what readers get changed ${MOST_ROUNDS} times while it was frozen`);
}

/** Leaves the transaction, in which nothing more can be done. */
class OutOfDate extends Error {}

async function freezeOrRollBack(
  deps: StartDeps,
  id: CampaignId,
  mail: { readonly issue: PreparedIssue | null; readonly timeZone: string },
): Promise<Frozen | 'out-of-date'> {
  try {
    return await deps.db.transaction().execute((tx) => freeze(deps, tx, id, mail));
  } catch (error) {
    if (error instanceof OutOfDate) {
      return 'out-of-date';
    }
    throw error;
  }
}

/** A campaign was compiled when it was sent; nobody looked at an issue, so it is compiled with the settings of now. */
async function prepareMail(deps: StartDeps, campaign: Campaign, newsletter: Newsletter): Promise<Preparation> {
  const barrier = await findStartBarrier(deps, newsletter);
  if (barrier !== undefined) {
    return { kind: 'stopped', ...barrier };
  }
  if (campaign.kind === 'campaign') {
    const missing = await findLateGap(deps, campaign);
    return missing === undefined ? { kind: 'ready', issue: null } : { kind: 'stopped', ...missing };
  }
  try {
    const issue = await prepareVariants(deps, campaign, newsletter);
    return issue === undefined ? { kind: 'not-due' } : { kind: 'ready', issue };
  } catch (error) {
    if (error instanceof AppError && error.kind === 'input') {
      return { kind: 'stopped', code: error.code, message: error.message };
    }
    throw error;
  }
}

/** People without a name who joined after it was sent, with a text that names everybody. */
async function findLateGap(
  deps: StartDeps,
  campaign: Campaign,
): Promise<ReturnType<typeof describeMissingMergeData> | undefined> {
  const mailId = await selectCompiledMailId(deps.db, campaign.id);
  if (mailId === null) {
    return undefined;
  }
  const { compiled } = await loadCompiledMail(deps.db, mailId);
  const missing = await findMissingMergeData(deps, campaign.newsletterId, compiled);
  return missing === undefined ? undefined : describeMissingMergeData(missing, campaign);
}

/** @throws OutOfDate */
async function freeze(
  deps: StartDeps,
  tx: Tx,
  id: CampaignId,
  { issue, timeZone }: { readonly issue: PreparedIssue | null; readonly timeZone: string },
): Promise<Frozen> {
  await allowLongStatements(tx);
  const campaign = await lockCampaign(tx, id);
  const now = deps.clock.now();
  if (campaign === undefined || !isDue(campaign, now)) {
    return { kind: 'not-due' };
  }
  const { kind, newsletterId } = campaign;
  if (issue !== null && !(await lockSpan(tx, { newsletterId, ...issue.span }, now))) {
    throw new OutOfDate();
  }
  const compiledMailId = issue?.wholeMailId ?? campaign.compiledMailId;
  if (compiledMailId === null) {
    throw new Error(`campaign ${id} is scheduled without a compiled mail`);
  }
  const { startAt, localTime, localAt, sendWindow: window } = campaign;
  const due = { now, startAt: startAt ?? now, zone: timeZone, localTime, localAt, window };
  const plan = {
    id,
    kind,
    lane: LANE_OF_KIND[kind],
    newsletterId,
    mail: issue?.choice ?? compiledMailId,
    due,
    giveUpHours: GIVE_UP_HOURS[kind],
  };
  const inserted = await insertAudience(tx, { ...plan, keyId: deps.keyring.signingKeyId });
  if (inserted === undefined) {
    throw new OutOfDate();
  }
  const { audience: audienceCount, covered } = inserted;
  const rows = await countFrozen(tx, id);
  if (rows !== audienceCount || covered < audienceCount) {
    throw new Error(`campaign ${id} froze ${audienceCount} deliveries, has ${rows}, and its blocks cover ${covered}`);
  }
  if (issue !== null) {
    await insertVariants(tx, id, issue.variants);
    await addRemarks(tx, id, issue.remarks);
  }
  passFailPoint('freeze');
  await updateCampaignRow(tx, id, {
    status: 'sending',
    compiled_mail_id: compiledMailId,
    frozen_at: now,
    audience_count: audienceCount,
    stop_code: null,
    stop_message: null,
    updated_at: now,
  });
  const subject = { subjectKind: 'campaign', subjectId: id };
  await recordAudit(tx, { actor: SYSTEM_ACTOR, action: 'campaign.started', ...subject, details: { audienceCount } });
  return { kind: 'frozen', audienceCount };
}

function isDue(campaign: Campaign, now: Date): boolean {
  return campaign.status === 'scheduled' && campaign.startAt !== null && campaign.startAt <= now;
}
