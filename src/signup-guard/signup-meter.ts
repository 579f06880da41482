/** What one web process counted, as it is kept in its row. */
export interface ProcessRate {
  /** Drawn anew by each process. */
  readonly process: string;
  readonly minute: Date;
  readonly current: number;
  readonly previous: number;
  /** Sign-ups a minute on average, over about a day. */
  readonly usual: number;
  readonly burstUntil: Date | null;
}

/** What all other processes counted. */
export interface OtherRates {
  readonly lastMinute: number;
  readonly usual: number;
  readonly burstUntil: Date | null;
  readonly readAt: Date;
}

export interface SignupMeter {
  /** Counts one that was asked for, whatever becomes of it. */
  count(now: Date): void;
  /** Sign-ups asked for in the last minute, here and elsewhere. */
  lastMinute(now: Date): number;
  isBurst(now: Date): boolean;
  own(now: Date): ProcessRate;
  learn(others: OtherRates): void;
}

const MINUTE_MS = 60_000;
/** The time constant of the average: a day, so that neither the night nor a good morning moves it much. */
export const MINUTES_OF_USUAL = 1440;
/**
 * A burst is that many times the usual. An article that does well brings three to five times as many as usual; a list bomber
 * who uses this form hundreds.
 */
const BURST_FACTOR = 10;
/** No burst below: what a small newsletter gets in the minute in which it is named on television. */
const BURST_FLOOR = 600;
/** A burst lasts that long after the last minute that was one, so that it does not flicker. */
const BURST_MS = 10 * MINUTE_MS;

/**
 * Counts sign-ups a minute in a sliding window of two buckets, knows what is usual, and so what a burst is. Numbers live in
 * the process and are exchanged with the other processes' through the database with each batch of sign-ups.
 */
export function createSignupMeter(process: string, onBurst: (lastMinute: number) => void): SignupMeter {
  let minute = 0;
  let current = 0;
  let previous = 0;
  let usual = 0;
  let burstUntilMs = 0;
  let others: OtherRates | undefined;

  const othersAt = (now: Date): Pick<OtherRates, 'lastMinute' | 'usual'> => {
    const isFresh = others !== undefined && now.getTime() - others.readAt.getTime() < MINUTE_MS;
    return { lastMinute: isFresh ? (others?.lastMinute ?? 0) : 0, usual: others?.usual ?? 0 };
  };
  const threshold = (now: Date): number => Math.max(BURST_FLOOR, BURST_FACTOR * (usual + othersAt(now).usual));

  function roll(now: Date): void {
    const elapsed = Math.floor(now.getTime() / MINUTE_MS) - minute;
    if (elapsed <= 0) {
      return;
    }
    if (minute > 0) {
      const keep = 1 - 1 / MINUTES_OF_USUAL;
      // What a burst brings counts no further than to where it began: a long one must not become the usual.
      const counted = Math.min(current, threshold(now));
      const decayed = (usual * keep + counted / MINUTES_OF_USUAL) * keep ** (elapsed - 1);
      // After weeks without a sign-up it would be too small a number for the column.
      usual = decayed < 1e-6 ? 0 : decayed;
    }
    previous = elapsed === 1 ? current : 0;
    current = 0;
    minute += elapsed;
  }

  function lastMinute(now: Date): number {
    roll(now);
    const rest = 1 - (now.getTime() - minute * MINUTE_MS) / MINUTE_MS;
    return current + previous * Math.min(Math.max(rest, 0), 1) + othersAt(now).lastMinute;
  }

  const isBurst = (now: Date): boolean => now.getTime() < Math.max(burstUntilMs, others?.burstUntil?.getTime() ?? 0);

  return {
    count: (now) => {
      roll(now);
      current += 1;
      const count = lastMinute(now);
      if (count > threshold(now)) {
        const isNew = !isBurst(now);
        burstUntilMs = now.getTime() + BURST_MS;
        if (isNew) {
          onBurst(Math.round(count));
        }
      }
    },
    lastMinute,
    isBurst,
    own: (now) => {
      roll(now);
      const burstUntil = burstUntilMs === 0 ? null : new Date(burstUntilMs);
      return { process, minute: new Date(minute * MINUTE_MS), current, previous, usual, burstUntil };
    },
    learn: (rates) => {
      others = rates;
    },
  };
}
