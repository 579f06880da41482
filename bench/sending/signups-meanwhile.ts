import type { Deps } from '../../src/compose.ts';
import { requireCampaign } from '../../src/campaigns/index.ts';
import { readNumbers, withClient } from '../bench-database.ts';
import type { BenchContext } from '../benchmark.ts';
import type { BenchCampaign } from '../campaign-source.ts';
import type { Figure } from '../figure.ts';
import { generateLoad } from '../generate-load.ts';
import { startRole } from '../role-process.ts';
import type { RoleSettings } from '../role-process.ts';
import { orderCampaign } from './campaign-run.ts';
import { waitFor } from '../../tests/support/wait-for.ts';

/** As people come while a newsletter goes out, and far more than that. */
const SIGNUPS_PER_SECOND = 20;
const WARM_UP_MS = 500;
const MEASURED_MS = 4000;
const P99_TARGET = { atMost: 300 };
const CONFIRMATION_TARGET = { atMost: 2000 };

/** Readers sign up while a campaign leaves at full rate: how long their answer takes, and the mail to the relay. */
export async function measureSignupsDuringCampaign(
  context: BenchContext,
  bench: {
    readonly deps: Deps;
    readonly databaseUrl: string;
    readonly settings: RoleSettings;
    readonly campaign: BenchCampaign;
  },
): Promise<readonly Figure[]> {
  const { deps, databaseUrl, settings, campaign } = bench;
  context.say(`${SIGNUPS_PER_SECOND} sign-ups a second while a campaign leaves at full rate`);
  const web = await startRole(context, 'web', settings);
  const worker = await startRole(context, 'worker', settings);
  const { id } = await orderCampaign(deps, campaign.source);
  await waitFor('the campaign to leave', async () => (await requireCampaign(deps.db, id)).status === 'sending');
  const load = await generateLoad({
    port: web.port,
    connections: 4,
    warmUpMs: WARM_UP_MS,
    measuredMs: MEASURED_MS,
    label: 'meanwhile',
    perSecond: SIGNUPS_PER_SECOND,
  });
  const stillSending = (await requireCampaign(deps.db, id)).status === 'sending';
  await waitFor(
    'the confirmations',
    async () => (await readConfirmations(databaseUrl)).accepted >= load.accepted,
    60_000,
  );
  const { p99Ms } = await readConfirmations(databaseUrl);
  await waitFor('the end of the campaign', async () => (await requireCampaign(deps.db, id)).status === 'sent', 300_000);
  await web.stop();
  await worker.stop();
  if (!stillSending) {
    throw new Error('the campaign was over before the sign-ups: give it more readers');
  }
  return [
    { figure: 'sign-up during a campaign, p99', value: load.p99Ms, unit: 'ms', target: P99_TARGET },
    {
      figure: 'sign-up to accepted confirmation meanwhile, p99',
      value: p99Ms,
      unit: 'ms',
      target: CONFIRMATION_TARGET,
    },
  ];
}

/** From the stored sign-up to the 250 of the relay, by the ledger. */
function readConfirmations(databaseUrl: string): Promise<{ readonly accepted: number; readonly p99Ms: number }> {
  return withClient(databaseUrl, (client) =>
    readNumbers(
      client,
      ['accepted', 'p99Ms'],
      `select count(*) as accepted, 1000 * extract(epoch from
         coalesce(percentile_disc(0.99) within group (order by d.settled_at - r.requested_at), interval '0')) as "p99Ms"
       from deliveries d join signup_requests r on r.id = d.cause_id where d.kind = 'confirm' and d.state = 'accepted'`,
    ),
  );
}
