/*
 * Two things keep mails from leaving, each a row in `settings` that every claim of deliveries looks at:
 *
 * | key            | who sets it                                      | what waits                  | who takes it away                 |
 * |----------------|--------------------------------------------------|-----------------------------|-----------------------------------|
 * | `kill_switch`  | a person, `courant sending stop`                 | everything                  | a person, `courant sending resume` |
 * | `release_hold` | a restore; a worker that starts after a long stop | campaigns and issues        | a person, `courant release`       |
 */
export const KILL_SWITCH = 'kill_switch';
export const RELEASE_HOLD = 'release_hold';

const HOLD_REASONS = ['restored', 'long_stopped'] as const;

/** Why campaigns and issues wait for a person (T14): what the rows call due may have gone out, or be of no use any more. */
export interface ReleaseHold {
  readonly reason: (typeof HOLD_REASONS)[number];
  readonly since: Date;
  /** When the backup was made; when a worker was last seen. */
  readonly lastWorkAt: Date;
}

/** Somebody stopped everything. */
export interface SendingStop {
  readonly since: Date;
  readonly by: string;
}

export interface Holds {
  readonly stop: SendingStop | null;
  readonly hold: ReleaseHold | null;
}

/** What goes out by itself once nothing holds it any more. */
export interface WaitingMails {
  readonly campaigns: readonly WaitingCampaign[];
  /** Schedules whose time has passed: each makes one issue, however many periods were missed. */
  readonly newsletters: readonly OverdueNewsletter[];
}

export interface WaitingCampaign {
  readonly id: number;
  readonly kind: 'campaign' | 'issue';
  readonly newsletterName: string;
  readonly subject: string;
  /** When it was to start. */
  readonly startAt: Date | null;
  /** Readers who have not got it yet. */
  readonly readers: number;
}

export interface OverdueNewsletter {
  readonly id: number;
  readonly name: string;
  readonly dueAt: Date;
  readonly readers: number;
}
