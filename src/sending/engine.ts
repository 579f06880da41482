import type { RelayAddress } from '../config/index.ts';
import { listSettledCampaigns } from '../deliveries/index.ts';
import { createDkimSigner } from '../dkim/index.ts';
import type { Doorbell, SendingLane } from '../jobs/index.ts';
import { SENDING_LANES } from '../jobs/index.ts';
import { createLimiter } from '../limits/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { SmtpTimeouts } from '../platform/smtp/index.ts';
import type { MailTemplates } from '../rendering/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { createMailBuilder } from './build-mail.ts';
import { createLaneRunner } from './lane-runner.ts';
import type { LaneRunner } from './lane-runner.ts';
import { createLedgerWriter } from './ledger-writer.ts';
import { createRelayPlaces } from './relay-places.ts';
import { createRelays } from './relays.ts';
import type { Relays } from './relays.ts';
import { DEFAULT_LEASE, holdLease } from './worker-lease.ts';
import type { LeaseTiming } from './worker-lease.ts';

/** Connections that the transactional lane may have, and that bulk leaves to it. */
const TRANSACTIONAL_CONNECTIONS = 4;
/** More than any relay wants; how many there are is the relay's limit. */
const BULK_CONNECTIONS = 50;

export interface EngineDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
  readonly publicUrl: string;
  readonly bounceDomain: string | undefined;
  readonly mailTemplates: Pick<MailTemplates, 'logic'>;
  /** Asked at each new connection: the local inbox may have moved. In the order of preference. */
  readonly findRelays: () => Promise<readonly RelayAddress[]>;
}

export interface Engine {
  /** What the jobs `send-*` do: returns at once, the engine goes on as long as rows are due. */
  wake(lane: SendingLane): void;
  /** Starts no new message, waits for replies until the deadline, then cuts: what waits for its reply then is ambiguous. */
  stop(deadlineMs: number): Promise<void>;
}

/** Of the lease; tests do not want to wait for a server's ten minutes either. */
export interface EngineTiming extends LeaseTiming {
  readonly smtpTimeouts?: Partial<SmtpTimeouts>;
}

/** The engine owns the connections and the lease; a job only rings. One per worker process. */
export async function startEngine(deps: EngineDeps, timing: EngineTiming = DEFAULT_LEASE): Promise<Engine> {
  const giveUp = new AbortController();
  // The local inbox has no address until a web process offers it.
  const limiter = createLimiter(deps, await deps.findRelays().catch(() => []));
  const places = createRelayPlaces(deps.clock);
  const relays = Object.fromEntries(
    SENDING_LANES.map((lane) => [
      lane,
      createRelays({ ...deps, lane, places, limiter, log: deps.log.child({ lane }), timeouts: timing.smtpTimeouts }),
    ]),
  ) as Record<SendingLane, Relays>;
  const runners = new Map<SendingLane, LaneRunner>();
  const wakeAll = (): void => runners.forEach((runner) => runner.wake());
  const lease = await holdLease(deps, timing, {
    relayError: () => SENDING_LANES.map((lane) => relays[lane].error).find((error) => error !== null) ?? null,
    onRescued: wakeAll,
  });
  const shared = {
    ...deps,
    lease,
    limiter,
    buildMail: createMailBuilder({ ...deps, signer: createDkimSigner(deps) }),
    writer: createLedgerWriter({ ...deps, giveUp: giveUp.signal }),
    onIdle: (lane: SendingLane) => void announceSettled(deps, lane),
  };
  for (const lane of SENDING_LANES) {
    const connections = lane === 'transactional' ? TRANSACTIONAL_CONNECTIONS : BULK_CONNECTIONS;
    runners.set(lane, createLaneRunner({ ...shared, relays: relays[lane] }, lane, connections));
  }
  wakeAll();

  return {
    wake: (lane) => runners.get(lane)?.wake(),
    stop: async (deadlineMs) => {
      const cut = setTimeout(() => {
        runners.forEach((runner) => runner.cutConnections());
        giveUp.abort();
      }, deadlineMs);
      await Promise.allSettled([...runners.values()].map((runner) => runner.stop()));
      clearTimeout(cut);
      await lease.end().catch((error: unknown) => deps.log.warn({ err: error }, 'the lease ends by itself'));
    },
  };
}

async function announceSettled(
  deps: { readonly db: Db; readonly doorbell: Doorbell; readonly log: Logger },
  lane: SendingLane,
): Promise<void> {
  if (lane === 'transactional') {
    return;
  }
  try {
    for (const campaignId of await listSettledCampaigns(deps.db)) {
      deps.doorbell.ring('settle-campaign', { campaignId });
    }
  } catch (error) {
    deps.log.warn({ err: error, lane }, 'could not look for finished campaigns; the sweep will');
  }
}
