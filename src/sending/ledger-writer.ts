import { haltCampaigns } from '../campaigns/index.ts';
import { commitAccepted, commitLedger } from '../deliveries/index.ts';
import type { AcceptedAttempt, BlockId, ClaimedDelivery } from '../deliveries/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { isDatabaseUnavailable, isRolledBack } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { passFailPoint } from '../shared/fail-points.ts';
import type { DeliveryId, WorkerId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';
import { recordFollowUps } from './record-follow-ups.ts';
import type { SettledAttempt } from './settled-attempt.ts';

export interface Dot {
  readonly delivery: ClaimedDelivery;
  readonly workerId: WorkerId;
}

export type DotCommit = 'committed' | 'refused' | 'unknown';

export interface LedgerWriter {
  /** `committed`: `dot_pending` is durable, the final dot may be written. `refused`: it is not this worker's to write. `unknown`: no answer came. */
  commitDot(dot: Dot): Promise<DotCommit>;
  /** Resolves when the outcome is durable, however long the database is away; rejects only after `giveUp`. */
  settle(attempt: SettledAttempt): Promise<void>;
  /** The worker is rid of these blocks; nobody waits for it. */
  finishBlocks(workerId: WorkerId, blockIds: readonly BlockId[]): Promise<void>;
}

export interface WriterDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly log: Logger;
  /** Aborted when the process must end even though outcomes could not be written. */
  readonly giveUp: AbortSignal;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

interface Batch {
  dots: Waiting<Dot, DotCommit>[];
  outcomes: Waiting<SettledAttempt, void>[];
  blocks: Waiting<{ readonly workerId: WorkerId; readonly ids: readonly BlockId[] }, void>[];
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2000;

const emptyBatch = (): Batch => ({ dots: [], outcomes: [], blocks: [] });

/**
 * What all connections of this process write, a statement at a time: what arrives while one runs goes out together in the next.
 * Outcomes are kept while the database is away: they are known, and losing them would make a mail ambiguous that is not. A dot is
 * not: its server waits, so the message is withheld and tried again.
 */
export function createLedgerWriter(deps: WriterDeps): LedgerWriter {
  let batch = emptyBatch();
  let isRunning = false;
  let retryMs = 0;

  function enqueue<Item, Result>(listOf: (batch: Batch) => Waiting<Item, Result>[], item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      listOf(batch).push({ item, resolve, reject });
      if (!isRunning) {
        isRunning = true;
        // Everything that is added in this turn of the event loop shares the statement.
        setImmediate(() => void drain());
      }
    });
  }

  async function drain(): Promise<void> {
    while (batch.dots.length + batch.outcomes.length + batch.blocks.length > 0) {
      const taken = batch;
      batch = emptyBatch();
      try {
        await write(deps, taken);
        retryMs = 0;
      } catch (error) {
        const isTemporary = isDatabaseUnavailable(error) || isRolledBack(error);
        taken.dots.forEach((dot) => (isTemporary ? dot.resolve('unknown') : dot.reject(error)));
        if (!isTemporary || deps.giveUp.aborted) {
          [...taken.outcomes, ...taken.blocks].forEach((one) => one.reject(error));
          continue;
        }
        batch.outcomes.unshift(...taken.outcomes);
        batch.blocks.unshift(...taken.blocks);
        retryMs = Math.min(Math.max(retryMs * 2, FIRST_RETRY_MS), LONGEST_RETRY_MS);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    isRunning = false;
  }

  return {
    commitDot: (dot) => enqueue(({ dots }) => dots, dot),
    settle: (attempt) => enqueue(({ outcomes }) => outcomes, attempt),
    finishBlocks: (workerId, ids) => enqueue(({ blocks }) => blocks, { workerId, ids }),
  };
}

/** A worker that lost its lease goes on under a new id, so for a moment there may be entries under both. */
async function write(deps: WriterDeps, batch: Batch): Promise<void> {
  const workerIds = new Set([...batch.dots, ...batch.outcomes, ...batch.blocks].map(({ item }) => item.workerId));
  for (const workerId of workerIds) {
    const ofWorker = <T extends { readonly item: { readonly workerId: WorkerId } }>(all: readonly T[]): readonly T[] =>
      all.filter(({ item }) => item.workerId === workerId);
    const dots = ofWorker(batch.dots);
    const outcomes = ofWorker(batch.outcomes);
    const blocks = ofWorker(batch.blocks);
    const doneBlocks = [
      ...outcomes.flatMap(({ item }) => item.doneBlock ?? []),
      ...blocks.flatMap(({ item }) => item.ids),
    ];
    const dotted = await commit(deps, {
      workerId,
      dots: dots.map(({ item }) => item.delivery),
      outcomes: outcomes.map(({ item }) => item),
      doneBlocks,
    });
    passCommitPoints({ dots, outcomes, doneBlocks });
    // A row that is held twice, by two blocks, has two dots here and one in the database: only the first of them is committed.
    const unspent = new Set(dotted);
    dots.forEach(({ item, resolve }) => resolve(unspent.delete(item.delivery.id) ? 'committed' : 'refused'));
    [...outcomes, ...blocks].forEach(({ resolve }) => resolve());
  }
}

function passCommitPoints(written: Readonly<Record<'dots' | 'outcomes' | 'doneBlocks', readonly unknown[]>>): void {
  if (written.dots.length > 0) {
    passFailPoint('dot-commit');
  }
  if (written.outcomes.length > 0) {
    passFailPoint('outcome-commit');
  }
  if (written.doneBlocks.length > 0) {
    passFailPoint('block-done');
  }
}

async function commit(
  deps: WriterDeps,
  entries: {
    readonly workerId: WorkerId;
    readonly dots: readonly ClaimedDelivery[];
    readonly outcomes: readonly SettledAttempt[];
    readonly doneBlocks: readonly BlockId[];
  },
): Promise<ReadonlySet<DeliveryId>> {
  const now = deps.clock.now();
  const rows = {
    ...entries,
    now,
    outcomes: entries.outcomes.map(({ delivery, outcome, dot }) => ({
      id: delivery.id,
      attempt: delivery.attempt,
      outcome,
      dot,
    })),
  };
  const accepted = entries.doneBlocks.length > 0 ? undefined : acceptedOnly(entries.outcomes);
  if (accepted !== undefined) {
    return commitAccepted(deps.db, { ...entries, accepted, now });
  }
  if (!entries.outcomes.some(hasFollowUp)) {
    return (await commitLedger(deps.db, rows)).dotted;
  }
  const { committed, verdicts } = await deps.db.transaction().execute(async (tx) => {
    const committed = await commitLedger(tx, rows);
    const settled = entries.outcomes.filter(({ delivery }) => committed.settled.has(delivery.id));
    return { committed, verdicts: await recordFollowUps({ ...deps, db: tx }, settled, now) };
  });
  // What is written is written: a halt that fails here is made up for by the sweep.
  await haltCampaigns(deps, verdicts).catch((error: unknown) => {
    deps.log.warn({ err: error }, 'a campaign could not be halted yet');
  });
  return committed.dotted;
}

/** Undefined when something else happened too, or something follows. */
function acceptedOnly(outcomes: readonly SettledAttempt[]): readonly AcceptedAttempt[] | undefined {
  const accepted = outcomes.flatMap(({ delivery, outcome }) =>
    outcome.state === 'accepted' && delivery.kind !== 'confirm'
      ? { id: delivery.id, attempt: delivery.attempt, reply: outcome.reply }
      : [],
  );
  return accepted.length === outcomes.length ? accepted : undefined;
}

/** Acceptance of a bulk mail, the one thing that happens thousands of times a second, has none. */
function hasFollowUp({ delivery, outcome }: SettledAttempt): boolean {
  return delivery.kind === 'confirm' || outcome.state === 'rejected';
}
