import { sendCampaign, startCampaign } from '../../../src/campaigns/index.ts';
import type { StartDeps } from '../../../src/campaigns/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, DeliveryId } from '../../../src/shared/ids.ts';
import type { Press } from './press.ts';

/** Where a campaign is written and sent: a press, or the whole product. */
type Desk = Pick<Press, 'writeCampaign' | 'rung'> & { readonly deps: StartDeps };

export interface Outcome {
  readonly state: 'accepted' | 'rejected' | 'ambiguous' | 'suppressed' | 'deferred';
  readonly reason?: string;
  readonly words?: string;
}

/** A campaign that was sent to everybody at once, and has come back from its worker with these outcomes. */
export async function sendWithOutcomes(
  press: Desk,
  outcomes: Readonly<Record<string, Outcome>>,
  status: 'sending' | 'paused' | 'sent' | 'cancelled' = 'sent',
): Promise<CampaignId> {
  const { deps } = press;
  const { id } = await press.writeCampaign();
  const expectedCount = Object.keys(outcomes).length;
  await sendCampaign(deps, { id, actor: CLI_ACTOR }, { expectedCount, start: { kind: 'immediately' } });
  await startCampaign(deps, id);
  for (const [address, outcome] of Object.entries(outcomes)) {
    await settle(press, id, address, outcome);
  }
  await deps.db.deleteFrom('delivery_blocks').where('campaign_id', '=', id).execute();
  await deps.db
    .updateTable('campaigns')
    .set({ status, finished_at: status === 'sent' || status === 'cancelled' ? deps.clock.now() : null })
    .where('id', '=', id)
    .execute();
  press.rung.length = 0;
  return id;
}

async function settle(press: Desk, campaignId: CampaignId, address: string, outcome: Outcome): Promise<void> {
  const { db, clock } = press.deps;
  const { state, reason = null, words = null } = outcome;
  const { id } = await db
    .updateTable('deliveries')
    .set({ state, reason, attempt: 1, dot_at: clock.now(), settled_at: state === 'deferred' ? null : clock.now() })
    .where('campaign_id', '=', campaignId)
    .where('address', '=', address)
    .returning('id')
    .executeTakeFirstOrThrow();
  if (state === 'ambiguous' || state === 'rejected' || state === 'deferred') {
    await db
      .insertInto('delivery_events')
      .values({
        delivery_id: id,
        attempt: 1,
        event: state,
        reply_code: null,
        enhanced_code: null,
        reply_text: words,
        occurred_at: clock.now(),
        resolution: null,
        source: null,
      })
      .execute();
  }
}

/** State by address. */
export async function statesOf(
  press: Pick<Desk, 'deps'>,
  campaignId: CampaignId,
): Promise<Readonly<Record<string, string>>> {
  const rows = await press.deps.db
    .selectFrom('deliveries')
    .select(['address', 'state'])
    .where('campaign_id', '=', campaignId)
    .orderBy('id')
    .execute();
  return Object.fromEntries(rows.map(({ address, state }) => [address, state]));
}

/** The deliveries that the free blocks of a campaign cover. */
export async function blockedIds(press: Desk, campaignId: CampaignId): Promise<readonly DeliveryId[]> {
  const rows = await press.deps.db
    .selectFrom('delivery_blocks')
    .select('ids')
    .where('campaign_id', '=', campaignId)
    .where('worker_id', 'is', null)
    .execute();
  return rows.flatMap(({ ids }) => ids ?? []);
}
