import { createHash } from 'node:crypto';

/** What goes wrong with one mail. `cut-after-dot`: the server has it and nobody heard so; `drop-after-dot`: it has not. */
export const SINK_FAULTS = [
  'refuse-recipient',
  'say-421',
  'refuse-message',
  'cut-before-dot',
  'cut-after-dot',
  'drop-after-dot',
] as const;
export type SinkFault = (typeof SINK_FAULTS)[number];

/** How a receiving server behaves. */
export interface SinkScript {
  readonly seed: number;
  /** Of each fault, between 0 and 1; together at most 1. */
  readonly odds: Partial<Record<SinkFault, number>>;
  /** Only this many attempts at each recipient may go wrong, so that it comes to an end. */
  readonly attempts: number;
  /** Before each reply to a final dot. */
  readonly delayMs: number;
  /** Replies to final dots wait until another script comes. */
  readonly isHolding: boolean;
}

export const KIND_SINK: SinkScript = { seed: 0, odds: {}, attempts: 0, delayMs: 0, isHolding: false };

/** Depends on nothing but the seed, the recipient and his attempt, so that it does not matter who comes first. */
export function chooseFault(script: SinkScript, recipient: string, attempt: number): SinkFault | undefined {
  if (attempt > script.attempts) {
    return undefined;
  }
  const digest = createHash('sha256').update(`${script.seed}/${recipient}/${attempt}`).digest();
  let chance = digest.readUInt32BE(0) / 2 ** 32;
  for (const fault of SINK_FAULTS) {
    const odds = script.odds[fault] ?? 0;
    if (chance < odds) {
      return fault;
    }
    chance -= odds;
  }
  return undefined;
}
