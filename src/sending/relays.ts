import type { RelayAddress } from '../config/index.ts';
import { relayScope } from '../limits/index.ts';
import type { Limiter } from '../limits/index.ts';
import type { SendingLane } from '../jobs/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import { openSmtpSession } from '../platform/smtp/index.ts';
import type { SmtpSession, SmtpTimeouts } from '../platform/smtp/index.ts';
import { asError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { RelayPlaces } from './relay-places.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** An inbox that has moved, or settings that another process knows. */
const ADDRESSES_FRESH_MS = 2000;

export interface RelayConnection {
  readonly session: SmtpSession;
  readonly relayKey: string;
  /** What goes by it carries our signature. */
  readonly isSigned: boolean;
  /** False the first time it is asked: then nothing was begun on it. */
  hasCarried(): boolean;
  /** Another lane waits for a place: leave after the message that is under way. */
  shouldYield(): boolean;
  /** Frees its place. Call it once the session is closed or destroyed. */
  release(): void;
}

/** The ways out for one lane, in the order of preference: the next one is taken while those before it cannot be reached, are paused or have no place. */
export interface Relays {
  /** Undefined when no relay lets us in; it has noted why. */
  open(cut: AbortSignal): Promise<RelayConnection | undefined>;
  /** The most connections that this lane may have; 0 while every relay rests. */
  capacity(): Promise<number>;
  /** Other lanes had all connections when one was last wanted. */
  readonly lacksPlace: boolean;
  /** A message was accepted. Only that ends the backoff: a relay may greet everybody and take nothing. */
  succeeded(relayKey: string): void;
  /** The connection broke, or the relay wants to be left alone: nothing is tried there for a while. */
  rest(relayKey: string, reason: string): void;
  /** The relay that the next message will go by. */
  preferredKey(): string;
  /** Milliseconds on the monotonic clock before which no relay takes anything. */
  readonly closedUntilMs: number;
  /** Null while all is well. */
  readonly error: string | null;
}

interface RelayState {
  pausedUntilMs: number;
  pauseMs: number;
  error: string | null;
  isUnreachable: boolean;
}

export interface RelaysDeps {
  readonly lane: SendingLane;
  readonly places: RelayPlaces;
  readonly timeouts?: Partial<SmtpTimeouts> | undefined;
  readonly findRelays: () => Promise<readonly RelayAddress[]>;
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createRelays(deps: RelaysDeps): Relays {
  const { clock, lane, limiter, log, places } = deps;
  const states = new Map<string, RelayState>();
  let lacksPlace = false;
  let known: { readonly addresses: readonly RelayAddress[]; readonly atMs: number } | undefined;

  const stateOf = (key: string): RelayState => {
    const state = states.get(key) ?? {
      pausedUntilMs: 0,
      pauseMs: 0,
      error: null,
      isUnreachable: false,
    };
    states.set(key, state);
    return state;
  };

  async function addresses(): Promise<readonly RelayAddress[]> {
    if (known === undefined || clock.monotonicMs() - known.atMs > ADDRESSES_FRESH_MS) {
      known = { addresses: await deps.findRelays(), atMs: clock.monotonicMs() };
    }
    return known.addresses;
  }

  function openAtMs(key: string): number {
    const shared = limiter.pausedUntil(relayScope(key));
    const sharedMs = shared === null ? 0 : clock.monotonicMs() + shared.getTime() - clock.now().getTime();
    return Math.max(stateOf(key).pausedUntilMs, sharedMs);
  }

  function rest(key: string, reason: string): void {
    const state = stateOf(key);
    if (clock.monotonicMs() < state.pausedUntilMs) {
      return;
    }
    state.pauseMs = Math.min(Math.max(state.pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    state.pausedUntilMs = clock.monotonicMs() + state.pauseMs;
    if (state.error === null) {
      log.warn({ relay: key, reason, pauseMs: state.pauseMs }, 'the mail relay does not take mail; deliveries wait');
    }
    state.error = reason;
  }

  function recover(key: string): void {
    const state = stateOf(key);
    if (state.error !== null) {
      log.info({ relay: key }, 'the mail relay takes mail again');
    }
    Object.assign(state, { error: null, isUnreachable: false });
  }

  const mostOf = ({ key, maxConnections }: RelayAddress): number => limiter.connectionsFor(key, maxConnections);

  async function connect(relay: RelayAddress, cut: AbortSignal): Promise<RelayConnection | undefined> {
    const state = stateOf(relay.key);
    let carried = 0;
    try {
      const session = await openSmtpSession(relay, {
        cut,
        ...(deps.timeouts !== undefined && { timeouts: deps.timeouts }),
      });
      if (state.isUnreachable) {
        recover(relay.key);
      }
      return {
        session,
        relayKey: relay.key,
        isSigned: relay.isSigned,
        hasCarried: () => {
          carried += 1;
          return carried > 1;
        },
        shouldYield: () => places.shouldYield(relay.key, lane, mostOf(relay)),
        release: () => places.free(relay.key, lane),
      };
    } catch (error) {
      places.free(relay.key, lane);
      rest(relay.key, describe(error));
      state.isUnreachable = true;
      return undefined;
    }
  }

  return {
    async open(cut) {
      for (const relay of await addresses()) {
        if (openAtMs(relay.key) > clock.monotonicMs()) {
          continue;
        }
        lacksPlace = !places.take(relay.key, lane, mostOf(relay));
        if (lacksPlace) {
          continue;
        }
        const connection = await connect(relay, cut);
        if (connection !== undefined || cut.aborted) {
          return connection;
        }
      }
      return undefined;
    },
    get lacksPlace() {
      return lacksPlace;
    },
    async capacity() {
      const open = (await addresses()).filter(({ key }) => openAtMs(key) <= clock.monotonicMs());
      return Math.max(0, ...open.map((relay) => places.mostOf(lane, mostOf(relay))));
    },
    succeeded(key) {
      const state = stateOf(key);
      if (state.pauseMs > 0) {
        recover(key);
        state.pauseMs = 0;
      }
      limiter.resumed(relayScope(key));
    },
    rest,
    preferredKey() {
      const keys = known?.addresses.map(({ key }) => key) ?? [];
      return keys.find((key) => openAtMs(key) <= clock.monotonicMs()) ?? keys[0] ?? '';
    },
    get closedUntilMs() {
      const keys = known?.addresses.map(({ key }) => key) ?? [];
      return keys.length === 0 ? 0 : Math.min(...keys.map(openAtMs));
    },
    get error() {
      return [...states.values()].find(({ error }) => error !== null)?.error ?? null;
    },
  };
}

/** Codes only: a server's greeting may name anything. */
function describe(error: unknown): string {
  const { code, responseCode } = asError(error) as { code?: unknown; responseCode?: unknown };
  return [
    typeof code === 'string' ? code : 'connection_failed',
    ...(typeof responseCode === 'number' ? [responseCode] : []),
  ].join(' ');
}
