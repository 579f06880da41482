import type { BlockId, ClaimedDelivery, DeliveryOutcome } from '../deliveries/index.ts';
import type { WorkerId } from '../shared/ids.ts';

/** One try at one delivery, and what became of it. */
export interface SettledAttempt {
  readonly delivery: ClaimedDelivery;
  readonly workerId: WorkerId;
  readonly outcome: DeliveryOutcome;
  /** The block, when this was the last of it in the worker's hands. */
  readonly doneBlock: BlockId | undefined;
}
