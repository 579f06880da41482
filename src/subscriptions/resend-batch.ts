import { planDeliveries } from '../deliveries/index.ts';
import type { PlannedMail } from '../deliveries/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import type { SignupRequestId } from '../shared/ids.ts';
import { hashAddress } from '../shared/keyring.ts';
import { hashesOf } from './decide-run.ts';
import type { BatchResult, DecideRun } from './decide-run.ts';
import { CONFIRMATIONS_AT_MOST, countSince } from './decide-signup.ts';
import { countConfirmationMails, insertConfirmationMails } from './decisions.repository.ts';
import { closeResends, listUndecidedResends, lockResends } from './resends.repository.ts';
import type { UndecidedResend } from './resends.repository.ts';

/** Answers presses of "Send it again": the same request, a new delivery with a cause of its own. */
export async function resendBatch(run: DecideRun, tx: Tx, limit: number): Promise<BatchResult> {
  const now = run.clock.now();
  await lockResends(tx);
  const resends = await listUndecidedResends(tx, now, limit);
  const counts = await countConfirmationMails(
    tx,
    resends.map((resend) => hashesOf(run, resend)),
    countSince(now),
  );
  const plans: PlannedMail[] = [];
  const repeated = new Map<SignupRequestId, UndecidedResend>();
  for (const [index, resend] of resends.entries()) {
    const { targetId } = resend;
    const isWelcome = !resend.isShut && !resend.isTooSoon && (counts[index] ?? 0) < CONFIRMATIONS_AT_MOST;
    if (targetId === null || !isWelcome || repeated.has(targetId)) {
      continue;
    }
    const newsletters = resend.newsletterIds.flatMap((id) => run.newsletters.get(id) ?? []);
    const compiledMailId =
      newsletters.length === 0 ? undefined : await run.tryMailId(targetId, 'confirmation', newsletters, resend.locale);
    if (compiledMailId !== undefined) {
      const { id: causeId, address, subscriberId } = resend;
      repeated.set(targetId, resend);
      plans.push({ kind: 'confirm', causeId, address, subscriberId, newsletterId: null, compiledMailId });
    }
  }
  const mailed = new Set(repeated.values());
  await closeResends(
    tx,
    resends.map((resend) => ({ id: resend.id, mailedRequestId: mailed.has(resend) ? resend.targetId : null })),
    now,
  );
  await planDeliveries({ ...run, db: tx }, plans);
  await insertConfirmationMails(
    tx,
    [...mailed].map(({ addressKey }) => hashAddress(run.keyring, addressKey)),
    now,
  );
  return { settled: resends.length, isFull: resends.length === limit };
}
