import type { BounceLimits } from '../bounce-limits/index.ts';

/** The last outcomes of a campaign since it began or was resumed, and how many of them speak against it. */
export interface HaltWindow {
  readonly outcomes: number;
  /** Addresses that do not exist. */
  readonly hard: number;
  /** Refused for what the mail says or who sends it. */
  readonly refused: number;
}

export interface HaltReason {
  readonly code: 'too_many_bounces' | 'refused_as_spam';
  readonly message: string;
}

/** Both must hold: more than the share, and at least so many, so that a small list is not stopped by its first typing errors. */
export function judgeWindow(window: HaltWindow, limits: BounceLimits): HaltReason | undefined {
  const { outcomes, hard, refused } = window;
  if (isOver(hard, outcomes, limits.hardPercent, limits.hardAtLeast)) {
    const facts = describeShare(hard, outcomes, limits.hardPercent);
    return {
      code: 'too_many_bounces',
      message: `${facts} went to addresses that do not exist. Find out where these addresses come from before you resume it.`,
    };
  }
  if (isOver(refused, outcomes, limits.refusedPercent, limits.refusedAtLeast)) {
    const facts = describeShare(refused, outcomes, limits.refusedPercent);
    return {
      code: 'refused_as_spam',
      message: `${facts} were refused for what they say or who sends them. Read what the servers say and run "courant doctor" before you resume it.`,
    };
  }
  return undefined;
}

function isOver(count: number, outcomes: number, percent: number, atLeast: number): boolean {
  return count >= atLeast && count * 100 > percent * outcomes;
}

function describeShare(count: number, outcomes: number, percent: number): string {
  const share = Math.round((count / outcomes) * 1000) / 10;
  return `It was halted because ${count} of the last ${outcomes} mails (${share} %; the limit is ${percent} %)`;
}
