import { openSmtpSession } from '../platform/smtp/index.ts';
import type { RelayAddress, SmtpSession } from '../platform/smtp/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import { asError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * The way out for one lane: opens sessions, and remembers when the relay cannot be reached, so that no reader's row pays for an
 * outage. Backs off from one second to one minute, shared by all connections of the lane.
 */
export interface Relay {
  /** @throws when the relay cannot be reached or refuses the login; `pausedUntil` is then in the future. */
  open(cut: AbortSignal): Promise<SmtpSession>;
  /** A message was accepted. Only that ends the backoff: a relay may greet everybody and take nothing. */
  succeeded(): void;
  /** The relay said that it wants to be left alone for a while (421, 4.7.x, login refused in a transaction). */
  pause(reason: string): void;
  /** Milliseconds on the monotonic clock before which nothing should be tried. */
  readonly pausedUntil: number;
  /** Null while all is well. */
  readonly error: string | null;
}

export function createRelay(deps: {
  readonly findAddress: () => Promise<RelayAddress>;
  readonly clock: Clock;
  readonly log: Logger;
}): Relay {
  const state = { pausedUntil: 0, pauseMs: 0, error: null as string | null, isUnreachable: false };

  function pause(reason: string): void {
    if (deps.clock.monotonicMs() < state.pausedUntil) {
      return;
    }
    state.pauseMs = Math.min(Math.max(state.pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    state.pausedUntil = deps.clock.monotonicMs() + state.pauseMs;
    if (state.error === null) {
      deps.log.warn({ reason, pauseMs: state.pauseMs }, 'the mail relay does not take mail; deliveries wait');
    }
    state.error = reason;
  }

  function recover(): void {
    if (state.error !== null) {
      deps.log.info('the mail relay takes mail again');
    }
    state.error = null;
    state.isUnreachable = false;
  }

  return {
    async open(cut) {
      try {
        const session = await openSmtpSession(await deps.findAddress(), cut);
        if (state.isUnreachable) {
          recover();
        }
        return session;
      } catch (error) {
        pause(describe(error));
        state.isUnreachable = true;
        throw error;
      }
    },
    succeeded() {
      recover();
      state.pauseMs = 0;
    },
    pause,
    get pausedUntil() {
      return state.pausedUntil;
    },
    get error() {
      return state.error;
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
