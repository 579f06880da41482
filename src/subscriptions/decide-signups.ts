import { planDeliveries } from '../deliveries/index.ts';
import type { PlannedMail } from '../deliveries/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import type { SignupRequestId } from '../shared/ids.ts';
import { decideBatch } from './decide-batch.ts';
import { retryAt, startDecideRun } from './decide-run.ts';
import type { BatchResult, DecideDeps, DecideRun } from './decide-run.ts';
import { resendBatch } from './resend-batch.ts';
import { lockUnwelcomedRequests, markWelcomed, postponeRequests } from './signups.repository.ts';

const AT_ONCE = 100;
/** A job stays far under the lock of the queue; what is left then is rung for again. */
const BATCHES_AT_MOST = 50;

/**
 * The job `decide-signups`: decides every waiting request, answers "send it again", and plans the welcome of every confirmed request.
 * Safe to run twice and at the same time: rows are locked, decision and delivery commit together. The lane is rung after each
 * batch, so that the first of a burst does not wait for the last.
 */
export async function decideSignups(deps: DecideDeps): Promise<void> {
  const run = await startDecideRun(deps);
  for (const step of [decideBatch, resendBatch, welcomeBatch]) {
    let result: BatchResult = { settled: 1, isFull: true };
    for (let batch = 0; result.isFull && result.settled > 0; batch += 1) {
      if (batch === BATCHES_AT_MOST) {
        deps.doorbell.ring('decide-signups', {});
        break;
      }
      result = await deps.db.transaction().execute((tx) => step(run, tx, AT_ONCE));
      if (result.settled > 0) {
        deps.doorbell.ring('send-transactional', {});
      }
    }
  }
}

async function welcomeBatch(run: DecideRun, tx: Tx, limit: number): Promise<BatchResult> {
  const now = run.clock.now();
  const requests = await lockUnwelcomedRequests(tx, now, limit);
  const plans: PlannedMail[] = [];
  const failed: SignupRequestId[] = [];
  for (const { id, newsletterIds, address, subscriberId, locale } of requests) {
    const newsletter = newsletterIds.map((one) => run.newsletters.get(one)).find((one) => one !== undefined);
    if (newsletter !== undefined) {
      const compiledMailId = await run.tryMailId(id, 'welcome', [newsletter], locale);
      if (compiledMailId === undefined) {
        failed.push(id);
      } else {
        plans.push({
          kind: 'welcome',
          causeId: id,
          address,
          subscriberId,
          newsletterId: newsletter.id,
          compiledMailId,
        });
      }
    }
  }
  await planDeliveries({ ...run, db: tx }, plans);
  await postponeRequests(tx, failed, retryAt(now));
  await markWelcomed(
    tx,
    requests.map(({ id }) => id).filter((id) => !failed.includes(id)),
    now,
  );
  return { settled: requests.length, isFull: requests.length === limit };
}
