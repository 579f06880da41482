import { sql } from 'kysely';
import { createCampaign, sendCampaign, startCampaign } from '../../src/campaigns/index.ts';
import type { Deps } from '../../src/compose.ts';
import { countAudience } from '../../src/deliveries/index.ts';
import { findNewsletter } from '../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../src/shared/actor.ts';
import type { CampaignId, NewsletterId } from '../../src/shared/ids.ts';
import { hashAddress } from '../../src/shared/keyring.ts';
import type { AddressKey } from '../../src/shared/email-address.ts';

/** Active subscribers of The Weekly, named reader-1@readers.example and so on, by the rows a confirmation leaves. */
export async function addReaders(deps: Deps, count: number): Promise<NewsletterId> {
  const newsletter = await findNewsletter(deps.db, { slug: 'the-weekly' });
  if (newsletter === undefined) {
    throw new Error('the database was not seeded');
  }
  const now = deps.clock.now();
  const addresses = Array.from({ length: count }, (_, index) => `reader-${index + 1}@readers.example`);
  const hashes = addresses.map((address) => hashAddress(deps.keyring, address as AddressKey));
  await sql`
    with s as (
      insert into subscribers (address, address_key, address_hash, address_hash_key_id, created_at)
      select a, a, h, ${deps.keyring.signingKeyId}, ${now} from unnest(${addresses}::text[], ${hashes}::bytea[]) as t(a, h) returning id
    )
    insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
    select id, ${newsletter.id}, 'active', ${now}, ${now} from s`.execute(deps.db);
  return newsletter.id;
}

/** Writes a campaign and sends it at once to whoever reads the newsletter. The worker, if there is one, does the rest. */
export async function sendTestCampaign(
  deps: Deps,
  newsletterId: NewsletterId,
  subject = 'News of the day',
): Promise<CampaignId> {
  const { campaign } = await createCampaign(
    deps,
    {
      newsletter: { id: newsletterId },
      subject,
      preheader: null,
      format: 'markdown',
      source: 'Dear {{ subscriber.name | default: "reader" }},\n\nall is well.',
    },
    CLI_ACTOR,
  );
  const expectedCount = await countAudience(deps.db, newsletterId, deps.clock.now());
  await sendCampaign(deps, { id: campaign.id, actor: CLI_ACTOR }, { start: { kind: 'immediately' }, expectedCount });
  await startCampaign(deps, campaign.id);
  return campaign.id;
}
