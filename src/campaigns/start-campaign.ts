import { recordAudit } from '../audit/index.ts';
import {
  GIVE_UP_HOURS,
  LANE_OF_KIND,
  countFrozen,
  insertAudience,
  loadCompiledMail,
  storeCompiledMail,
} from '../deliveries/index.ts';
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
import { compileOrRefuse } from './compile-campaign.ts';
import { describeMissingMergeData, findMissingMergeData } from './missing-merge-data.ts';
import { ringLane } from './pause-campaign.ts';
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
  const newsletter = await requireNewsletter(deps.db, { id: campaign.newsletterId });
  const prepared = await prepareMail(deps, campaign, newsletter);
  if (prepared.kind === 'stopped') {
    await recordStop(deps.db, id, { ...prepared, now: deps.clock.now() });
    return { kind: 'stopped', code: prepared.code };
  }
  const audienceCount = await deps.db
    .transaction()
    .execute((tx) => freeze(deps, tx, id, { ...prepared, timeZone: newsletter.timeZone }));
  if (audienceCount === undefined) {
    return { kind: 'not-due' };
  }
  passFailPoint('freeze-commit');
  ringLane(deps.doorbell, campaign.kind);
  if (audienceCount === 0) {
    deps.doorbell.ring('settle-campaign', { campaignId: id });
  }
  return { kind: 'started', audienceCount };
}

type Preparation =
  | { readonly kind: 'ready'; readonly issueMailId: number | null }
  | { readonly kind: 'stopped'; readonly code: string; readonly message: string };

/** A campaign was compiled when it was sent; nobody looked at an issue, so it is compiled with the settings of now. */
async function prepareMail(deps: StartDeps, campaign: Campaign, newsletter: Newsletter): Promise<Preparation> {
  const barrier = await findStartBarrier(deps, newsletter);
  if (barrier !== undefined) {
    return { kind: 'stopped', ...barrier };
  }
  if (campaign.kind === 'campaign') {
    const missing = await findLateGap(deps, campaign);
    return missing === undefined ? { kind: 'ready', issueMailId: null } : { kind: 'stopped', ...missing };
  }
  try {
    const { mail } = await compileOrRefuse(deps, campaign, newsletter);
    return { kind: 'ready', issueMailId: await storeCompiledMail(deps.db, mail, deps.clock.now()) };
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

/** Returns the size of the audience, or undefined when it is not this call's to freeze any more. */
async function freeze(
  deps: StartDeps,
  tx: Tx,
  id: CampaignId,
  { issueMailId, timeZone }: { readonly issueMailId: number | null; readonly timeZone: string },
): Promise<number | undefined> {
  await allowLongStatements(tx);
  const campaign = await lockCampaign(tx, id);
  const now = deps.clock.now();
  if (campaign === undefined || !isDue(campaign, now)) {
    return undefined;
  }
  const { kind, newsletterId } = campaign;
  const compiledMailId = issueMailId ?? campaign.compiledMailId;
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
    compiledMailId,
    due,
    giveUpHours: GIVE_UP_HOURS[kind],
  };
  const { audience: audienceCount, covered } = await insertAudience(tx, { ...plan, keyId: deps.keyring.signingKeyId });
  const rows = await countFrozen(tx, id);
  if (rows !== audienceCount || covered < audienceCount) {
    throw new Error(`campaign ${id} froze ${audienceCount} deliveries, has ${rows}, and its blocks cover ${covered}`);
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
  return audienceCount;
}

function isDue(campaign: Campaign, now: Date): boolean {
  return campaign.status === 'scheduled' && campaign.startAt !== null && campaign.startAt <= now;
}
