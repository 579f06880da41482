import { readWallClock, spanLocalTime } from '../deliveries/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { inputError } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { SendWindow } from '../shared/send-window.ts';

/** Time to press undo before the audience is frozen. */
const UNDO_MS = 60_000;

export type StartTime =
  | { readonly kind: 'after-undo-time' }
  | { readonly kind: 'immediately' }
  | { readonly kind: 'at'; readonly at: Date }
  /** What the readers' clocks show then, as `2026-12-01T09:00:00`; only by local time. */
  | { readonly kind: 'at-wall-clock'; readonly wall: string };

/** When each reader's mail may leave, once the campaign has started. */
export interface SendTiming {
  /** By the clock of each reader's zone instead of the newsletter's. */
  readonly localTime: boolean;
  readonly window: SendWindow | null;
}

export interface PlannedStart {
  /** When the audience is frozen. */
  readonly startAt: Date;
  /** The time on each reader's clock; null: the one that the newsletter's clock shows at the start, or no local time. */
  readonly localAt: string | null;
}

/**
 * By local time a campaign starts when its time has come for the first of those who read the newsletter now; each of the others waits for
 * his own. Whose time is over when it starts gets it at once.
 * @throws AppError `start_in_past`, also when the time is over for every reader; `local_time_missing`.
 */
export async function planStart(
  deps: { readonly db: DbOrTx; readonly clock: Clock },
  newsletter: Pick<Newsletter, 'id' | 'timeZone'>,
  { start, timing }: { readonly start: StartTime; readonly timing: SendTiming },
): Promise<PlannedStart> {
  const now = deps.clock.now();
  const undoUntil = new Date(now.getTime() + UNDO_MS);
  switch (start.kind) {
    case 'after-undo-time':
      return { startAt: undoUntil, localAt: null };
    case 'immediately':
      return { startAt: now, localAt: null };
    case 'at':
    case 'at-wall-clock':
      break;
    default:
      return start satisfies never;
  }
  if (!timing.localTime) {
    if (start.kind === 'at-wall-clock') {
      throw atError(
        'local_time_missing',
        'A time without an offset is one on the readers’ clocks: send by local time, or add the offset.',
      );
    }
    if (start.at <= now) {
      throw inPast();
    }
    return { startAt: start.at, localAt: null };
  }
  const localAt = start.kind === 'at' ? await readWallClock(deps.db, start.at, newsletter.timeZone) : start.wall;
  const span = await spanLocalTime(deps.db, { newsletterId: newsletter.id, zone: newsletter.timeZone, wall: localAt });
  if (span.last <= now) {
    throw inPast();
  }
  return { startAt: span.first > undoUntil ? span.first : undoUntil, localAt };
}

function inPast(): AppError {
  return atError('start_in_past', 'The start must be in the future.');
}

function atError(code: string, message: string): AppError {
  return inputError(code, message, { fields: [{ field: 'at', code, message }] });
}
