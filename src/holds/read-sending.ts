import { countAudience, countDeliveries, readWorkerHealth } from '../deliveries/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Holds, WaitingMails } from './hold.ts';
import { listOverdueNewsletters, listWaitingCampaigns, readHolds } from './holds.repository.ts';

export interface SendingState extends Holds {
  readonly workers: { readonly live: number; readonly newestHeartbeatAt: Date | null };
  /** Why the relay cannot be reached at the moment. */
  readonly relayError: string | null;
  /** Null while nothing is held. */
  readonly waiting: WaitingMails | null;
}

interface ReadDeps {
  readonly db: Db;
  readonly clock: Clock;
}

export async function readSending(deps: ReadDeps): Promise<SendingState> {
  const [holds, { live, newestHeartbeatAt, relayError }] = await Promise.all([
    readHolds(deps.db),
    readWorkerHealth(deps.db),
  ]);
  const isHeld = holds.stop !== null || holds.hold !== null;
  return {
    ...holds,
    workers: { live, newestHeartbeatAt },
    relayError,
    waiting: isHeld ? await readWaiting(deps) : null,
  };
}

async function readWaiting({ db, clock }: ReadDeps): Promise<WaitingMails> {
  const now = clock.now();
  const campaigns = await Promise.all(
    (await listWaitingCampaigns(db, now)).map(async ({ newsletterId, isFrozen, ...campaign }) => ({
      ...campaign,
      readers: isFrozen ? (await countDeliveries(db, campaign.id)).open : await countAudience(db, newsletterId, now),
    })),
  );
  const newsletters = await Promise.all(
    (await listOverdueNewsletters(db, now)).map(async (newsletter) => ({
      ...newsletter,
      readers: await countAudience(db, newsletter.id, now),
    })),
  );
  return { campaigns, newsletters };
}
