import type { BlockId, ClaimedDelivery, DeliveryOutcome } from '../deliveries/index.ts';
import type { WorkerId } from '../shared/ids.ts';

export type DotState = 'none' | 'committed' | 'unknown';

/** One try at one delivery, and what became of it. */
export interface SettledAttempt {
  readonly delivery: ClaimedDelivery;
  readonly workerId: WorkerId;
  readonly outcome: DeliveryOutcome;
  /** Whether the attempt's dot was committed: what ended before it must not touch a row whose dot somebody else committed. */
  readonly dot: DotState;
  /** The block, when this was the last of it in the worker's hands. */
  readonly doneBlock: BlockId | undefined;
}
