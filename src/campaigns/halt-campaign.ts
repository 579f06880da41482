import { recordAudit } from '../audit/index.ts';
import { readBounceLimits } from '../bounce-limits/index.ts';
import type { BounceLimits } from '../bounce-limits/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db, DbOrTx } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { CampaignId } from '../shared/ids.ts';
import { lockCampaign, updateCampaignRow } from './campaigns.repository.ts';
import { judgeWindow } from './halt-window.ts';
import type { HaltReason } from './halt-window.ts';
import { addToWindow, selectWindow, selectWindowsOfSending } from './halt-window.repository.ts';
import type { BatchOfRefusals, CountedWindow } from './halt-window.repository.ts';

export interface NotedOutcome {
  readonly campaignId: CampaignId | null;
  /** `hard`: the address does not exist. `content`: the mail or its sender was refused. Anything else counts as good. */
  readonly class: string | undefined;
}

/** A campaign that is to be halted, and the window that says so. */
export interface HaltVerdict {
  readonly window: CountedWindow;
  readonly reason: HaltReason;
}

interface HaltDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Counts final outcomes (accepted and rejected, in their order) against their campaigns. Call it in the transaction that has just written
 * them, and `haltCampaigns` with what it returns after the commit. Does nothing for a batch without a refusal.
 */
export async function noteOutcomes(db: DbOrTx, outcomes: readonly NotedOutcome[]): Promise<readonly HaltVerdict[]> {
  const batches = collectRefusals(outcomes);
  if (batches.length === 0) {
    return [];
  }
  const limits = await readBounceLimits(db);
  const verdicts: HaltVerdict[] = [];
  for (const batch of batches) {
    verdicts.push(...judge(await addToWindow(db, batch, limits.window), limits));
  }
  return verdicts;
}

function judge(window: CountedWindow, limits: BounceLimits): readonly HaltVerdict[] {
  const reason = judgeWindow(window, limits);
  return reason === undefined ? [] : [{ window, reason }];
}

/** In the order of ids, so that two workers with several campaigns do not wait for each other. */
function collectRefusals(outcomes: readonly NotedOutcome[]): readonly BatchOfRefusals[] {
  const byCampaign = Map.groupBy(outcomes, ({ campaignId }) => campaignId);
  return [...byCampaign]
    .flatMap(([campaignId, ofCampaign]) => {
      const behind = (wanted: string): readonly number[] =>
        ofCampaign.flatMap((outcome, index) => (outcome.class === wanted ? ofCampaign.length - 1 - index : []));
      return campaignId === null ? [] : [{ campaignId, hard: behind('hard'), refused: behind('content') }];
    })
    .filter(({ hard, refused }) => hard.length + refused.length > 0)
    .sort((a, b) => a.campaignId - b.campaignId);
}

/**
 * Pauses what must not go on and says why on the campaign. No worker begins another mail of it after its next look at the gate (3 s). A
 * person who has resumed, paused or cancelled it meanwhile has decided.
 */
export async function haltCampaigns(deps: HaltDeps, verdicts: readonly HaltVerdict[]): Promise<void> {
  for (const { window, reason } of verdicts) {
    const { campaignId, outcomes, hard, refused } = window;
    const isHalted = await deps.db.transaction().execute(async (tx) => {
      const campaign = await lockCampaign(tx, campaignId);
      const current = await selectWindow(tx, campaignId, outcomes);
      if (campaign?.status !== 'sending' || current?.beganAfter !== window.beganAfter) {
        return false;
      }
      const { code, message } = reason;
      const now = deps.clock.now();
      await updateCampaignRow(tx, campaignId, {
        status: 'paused',
        stop_code: code,
        stop_message: message,
        updated_at: now,
      });
      await recordAudit(tx, {
        actor: SYSTEM_ACTOR,
        action: 'campaign.halted',
        subjectKind: 'campaign',
        subjectId: campaignId,
        details: { code, outcomes, hard, refused },
      });
      return true;
    });
    if (isHalted) {
      deps.log.warn({ campaignId, code: reason.code, outcomes, hard, refused }, 'a campaign was halted');
    }
  }
}

/** For the sweep: a worker that ended between counting and halting has halted nothing. */
export async function haltBouncingCampaigns(deps: HaltDeps): Promise<void> {
  const limits = await readBounceLimits(deps.db);
  const windows = await selectWindowsOfSending(deps.db, limits.window);
  await haltCampaigns(
    deps,
    windows.flatMap((window) => judge(window, limits)),
  );
}
