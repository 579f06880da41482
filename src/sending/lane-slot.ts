import type { ClaimedDelivery } from '../deliveries/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import { isDatabaseUnavailable } from '../platform/postgres/index.ts';
import type { SmtpSession } from '../platform/smtp/index.ts';
import { AppError, asError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Random } from '../shared/random.ts';
import type { BuildMail } from './build-mail.ts';
import type { Relay } from './relay.ts';
import { deferLater } from './retry-policy.ts';
import { sendDelivery } from './send-delivery.ts';
import type { AttemptResult, SendGuards } from './send-delivery.ts';

interface SlotDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly relay: Pick<Relay, 'open'>;
  readonly buildMail: BuildMail;
}

/** One connection of a lane: opened when it is needed, replaced when the server has closed it. */
export interface LaneSlot {
  /** @throws only when the database is away. */
  attempt(delivery: ClaimedDelivery, guards: SendGuards): Promise<AttemptResult>;
  /** QUIT, if it is open. The next attempt opens another. */
  close(): void;
  /** Destroys the connection, also one that is only being opened: what waits for a reply becomes ambiguous. */
  cut(): void;
}

export function createLaneSlot(deps: SlotDeps): LaneSlot {
  const cut = new AbortController();
  let session: SmtpSession | undefined;

  /** Undefined when the relay does not let us in; it has noted why. */
  async function openSession(): Promise<SmtpSession | undefined> {
    if (session?.isOpen !== true) {
      session = await deps.relay.open(cut.signal).catch(() => undefined);
    }
    return session;
  }

  async function attempt(delivery: ClaimedDelivery, guards: SendGuards): Promise<AttemptResult> {
    const used = session?.isOpen === true ? session : undefined;
    const opened = await openSession();
    if (opened === undefined) {
      return { kind: 'untouched', relayTrouble: null };
    }
    let message: Awaited<ReturnType<BuildMail>>;
    try {
      message = await deps.buildMail(delivery);
    } catch (error) {
      return settleUnbuilt(deps, delivery, error);
    }
    const first = await sendDelivery(deps, { delivery, session: opened, isReused: opened === used, message }, guards);
    if (first.kind !== 'stale') {
      return first;
    }
    const fresh = await openSession();
    const second = fresh && (await sendDelivery(deps, { delivery, session: fresh, isReused: false, message }, guards));
    return second === undefined || second.kind === 'stale' ? { kind: 'untouched', relayTrouble: null } : second;
  }

  return {
    attempt,
    close: () => {
      if (session?.isOpen === true) {
        session.close();
      }
      session = undefined;
    },
    cut: () => {
      cut.abort();
      session?.destroy();
    },
  };
}

/**
 * Only what the mail itself is to blame for ends it. A key that this process does not have yet (SECRET_KEY is being changed
 * one process after the other) or a fault of ours costs the reader a delay, not the mail.
 */
function settleUnbuilt(deps: SlotDeps, delivery: ClaimedDelivery, error: unknown): AttemptResult {
  if (isDatabaseUnavailable(error)) {
    throw asError(error);
  }
  deps.log.error({ err: error, deliveryId: delivery.id }, 'a mail could not be built');
  const isOfMail = error instanceof AppError && error.kind === 'render';
  return {
    kind: 'settled',
    outcome: isOfMail
      ? { state: 'rejected', reason: 'render_failed', reply: undefined, suppress: false }
      : deferLater(delivery, { reason: 'build_failed', reply: undefined }, deps.clock.now(), deps.random),
    relayTrouble: null,
  };
}
