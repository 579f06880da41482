import { recordAudit } from '../audit/index.ts';
import { planDelivery } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { inputError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { Keyring } from '../shared/keyring.ts';
import { findTestAddress, insertCampaignTest } from './campaigns.repository.ts';
import { compileOrRefuse } from './compile-campaign.ts';
import type { CompileDeps } from './compile-campaign.ts';
import { requireCampaign } from './find-campaign.ts';
import type { CampaignOrder } from './move-campaign.ts';

export interface TestDeps extends CompileDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
}

/**
 * Mails the campaign as it is now to one address, marked [Test]. The gate asks again who may get it when it leaves.
 * @throws AppError `campaign_not_found`, `test_address_not_allowed`.
 */
export async function testCampaign(deps: TestDeps, order: CampaignOrder, to: ParsedAddress): Promise<void> {
  const campaign = await requireCampaign(deps.db, order.id);
  const newsletter = await requireNewsletter(deps.db, { id: campaign.newsletterId });
  const address = await findTestAddress(deps.db, newsletter.id, to.key);
  if (address === undefined) {
    const message =
      'Test mails go only to admins who have verified their address, and to proofreaders of the newsletter.';
    throw inputError('test_address_not_allowed', message, {
      fields: [{ field: 'to', code: 'test_address_not_allowed', message }],
    });
  }
  const { mail } = await compileOrRefuse(deps, campaign, newsletter);
  await deps.db.transaction().execute(async (tx) => {
    const causeId = await insertCampaignTest(tx, {
      campaign_id: campaign.id,
      address,
      requested_by: order.actor.label,
      requested_at: deps.clock.now(),
    });
    const plan = { kind: 'test' as const, causeId, address, subscriberId: null, newsletterId: newsletter.id, mail };
    await planDelivery({ ...deps, db: tx }, plan);
    const { actor, id } = order;
    await recordAudit(tx, { actor, action: 'campaign.tested', subjectKind: 'campaign', subjectId: id });
  });
  deps.doorbell.ring('send-transactional', {});
}
