import { countRecipients, createCampaign, requireCampaign, sendCampaign } from '../../src/campaigns/index.ts';
import type { Deps } from '../../src/compose.ts';
import { CLI_ACTOR } from '../../src/shared/actor.ts';
import type { CampaignId } from '../../src/shared/ids.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { readNumbers, withClient } from '../bench-database.ts';
import { CAMPAIGN_SUBJECT } from '../campaign-source.ts';

/** A thousand a second would take this long for a million. */
const SENT_WITHIN_MS = 1_200_000;

/** Active readers with names, straight into the tables: how they came is the matter of another benchmark. */
export async function seedReaders(databaseUrl: string, count: number, label = 'reader'): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `with reader as (
         insert into subscribers (address, address_key, address_hash, address_hash_key_id, name, created_at)
         select $2 || '-' || n || '@readers.example', $2 || '-' || n || '@readers.example', sha256(($2 || n)::bytea), 1,
           'Robin Reader ' || n, now()
         from generate_series(1, $1::int) as n returning id
       )
       insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
       select reader.id, newsletters.id, 'active', now(), now() from reader, newsletters`,
      [count, label],
    );
    await client.query('analyze');
  });
}

export interface CampaignRun {
  readonly id: CampaignId;
  readonly readers: number;
  /** From the first dot to the last outcome. */
  readonly mailsPerSecond: number;
  /** From the order to the first dot: the audience is frozen and committed by then. */
  readonly freezeMs: number;
}

/** Sends a campaign to everybody and waits until the last outcome is in the ledger. @throws when it does not balance. */
export async function sendCampaignOnce(deps: Deps, databaseUrl: string, source: string): Promise<CampaignRun> {
  const ordered = await orderCampaign(deps, source);
  await waitFor(
    'the end of the campaign',
    async () => (await requireCampaign(deps.db, ordered.id)).status === 'sent',
    SENT_WITHIN_MS,
  );
  return readRun(databaseUrl, ordered);
}

export interface OrderedCampaign {
  readonly id: CampaignId;
  readonly readers: number;
  readonly orderedAt: number;
}

export async function orderCampaign(deps: Deps, source: string): Promise<OrderedCampaign> {
  const written = { subject: CAMPAIGN_SUBJECT, preheader: null, format: 'markdown', source } as const;
  const { campaign } = await createCampaign(deps, { ...written, newsletter: { slug: 'the-weekly' } }, CLI_ACTOR);
  const expectedCount = await countRecipients(deps.db, campaign, deps.clock.now());
  const orderedAt = Date.now();
  await sendCampaign(deps, { id: campaign.id, actor: CLI_ACTOR }, { expectedCount, start: { kind: 'immediately' } });
  return { id: campaign.id, readers: expectedCount, orderedAt };
}

async function readRun(databaseUrl: string, { id, readers, orderedAt }: OrderedCampaign): Promise<CampaignRun> {
  const ledger = await withClient(databaseUrl, (client) =>
    readNumbers(
      client,
      ['accepted', 'once', 'begun', 'settled'],
      `select count(*) filter (where d.state = 'accepted') as accepted, count(*) filter (where d.attempt = 1) as once,
         extract(epoch from min(d.dot_at)) as begun, extract(epoch from max(d.settled_at)) as settled
       from campaigns c join deliveries d on d.campaign_id = c.id where c.id = $1`,
      [id],
    ),
  );
  if (ledger.accepted !== readers || ledger.once !== readers) {
    throw new Error(`the ledger does not balance: ${readers} readers, ${JSON.stringify(ledger)}`);
  }
  return {
    id,
    readers,
    mailsPerSecond: readers / (ledger.settled - ledger.begun),
    freezeMs: Math.max(ledger.begun * 1000 - orderedAt, 0),
  };
}
