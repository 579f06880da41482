import { asError } from '../../shared/app-error.ts';
import type { Clock } from '../../shared/clock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Logger } from './logger.ts';

/** Reports an outage of something outside once, not once per retry. */
export interface OutageLog {
  failed(error: unknown): void;
  succeeded(): void;
}

/** Several users of one server see it come back at different moments; only a quiet spell ends the outage. */
const QUIET_MS = 2000;

/**
 * One warning when `subject` begins to fail, one line with the number of failures when it works again. Only for servers
 * of our own: the reason is logged as it is, so it must not be able to quote a reader's data.
 */
export function createOutageLog(log: Logger, subject: string, clock: Clock = systemClock): OutageLog {
  let failures = 0;
  let lastFailureMs = 0;
  return {
    failed(error) {
      failures += 1;
      lastFailureMs = clock.monotonicMs();
      if (failures === 1) {
        log.warn({ subject, code: errorCode(error), reason: asError(error).message }, 'fails; will keep trying');
      }
    },
    succeeded() {
      if (failures > 0 && clock.monotonicMs() - lastFailureMs >= QUIET_MS) {
        log.info({ subject, failures }, 'works again');
        failures = 0;
      }
    },
  };
}

/** The stable part of an error: `ECONNREFUSED`, a SQLSTATE, the code of an AppError, or at least its class. */
export function errorCode(thrown: unknown): string {
  const error = asError(thrown);
  return 'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : error.name;
}
