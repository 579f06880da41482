import { releaseBlocks } from '../deliveries/index.ts';
import type { BlockId, ClaimedDelivery } from '../deliveries/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { WorkerId } from '../shared/ids.ts';
import type { LedgerWriter } from './ledger-writer.ts';
import type { SettledAttempt } from './settled-attempt.ts';

interface HeldBlock {
  readonly workerId: WorkerId;
  /** Rows that are neither settled nor let go. */
  left: number;
  /** Outcomes on their way to the database. */
  settling: number;
  /** Something of it is open still: it is given back, not finished. */
  isOpen: boolean;
}

/** The blocks that a lane has claimed. With the last row of a block the block leaves too: finished, or given back. */
export interface HeldBlocks {
  add(workerId: WorkerId, claimed: readonly ClaimedDelivery[]): void;
  /** Rows with a block of their own by now. */
  leave(blockId: BlockId): void;
  /** Rows that are as open as they were. */
  giveBack(blockId: BlockId): void;
  /** Resolves when the outcome is durable. */
  settle(attempt: Omit<SettledAttempt, 'doneBlock'>): Promise<void>;
  /** Resolves when every block that is given back is free. */
  settled(): Promise<unknown>;
  /** After a failure: nothing is in hand any more. */
  forget(): void;
}

export function createHeldBlocks(deps: { readonly db: Db; readonly writer: LedgerWriter }): HeldBlocks {
  const blocks = new Map<BlockId, HeldBlock>();
  const closings = new Set<Promise<void>>();

  function close(blockId: BlockId, block: HeldBlock): void {
    if (block.left > 0 || block.settling > 0 || !blocks.delete(blockId)) {
      return;
    }
    const { workerId, isOpen } = block;
    const closed = isOpen
      ? releaseBlocks(deps.db, { blockIds: [blockId], workerId })
      : deps.writer.finishBlocks(workerId, [blockId]);
    const closing = closed
      // Whoever cannot say it keeps the block until the next look at what was forgotten.
      .catch(() => undefined)
      .finally(() => closings.delete(closing));
    closings.add(closing);
  }

  function leave(blockId: BlockId, isOpen: boolean): void {
    const block = blocks.get(blockId);
    if (block !== undefined) {
      block.left -= 1;
      block.isOpen ||= isOpen;
      close(blockId, block);
    }
  }

  return {
    add: (workerId, claimed) => {
      for (const { blockId } of claimed) {
        const block = blocks.get(blockId) ?? { workerId, left: 0, settling: 0, isOpen: false };
        block.left += 1;
        blocks.set(blockId, block);
      }
    },
    leave: (blockId) => leave(blockId, false),
    giveBack: (blockId) => leave(blockId, true),
    settle: async (attempt) => {
      const { blockId } = attempt.delivery;
      const block = blocks.get(blockId);
      if (block === undefined) {
        return deps.writer.settle({ ...attempt, doneBlock: undefined });
      }
      block.left -= 1;
      if (block.left === 0 && block.settling === 0 && !block.isOpen) {
        blocks.delete(blockId);
        return deps.writer.settle({ ...attempt, doneBlock: blockId });
      }
      block.settling += 1;
      await deps.writer.settle({ ...attempt, doneBlock: undefined });
      block.settling -= 1;
      close(blockId, block);
    },
    settled: () => Promise.all(closings),
    forget: () => blocks.clear(),
  };
}
