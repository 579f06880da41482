import { listUnrecordedConfirmations, recordConfirmations } from '../consent/index.ts';
import type { ConfirmationMail } from '../consent/index.ts';
import { messageIdOf, readSettledMails } from '../deliveries/index.ts';
import type { SettledMail } from '../deliveries/index.ts';
import type { Db, DbOrTx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { DeliveryId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';

/** A confirmation is given up after a day; whatever ended longer ago was recorded by an earlier sweep. */
const LOOK_BACK_MS = 3 * 86_400_000;
const AT_ONCE = 500;

/** Puts confirmation mails and what became of them into the ledger (R29). Those that are still open are left out. */
export async function recordSettledConfirmations(
  deps: { readonly db: DbOrTx; readonly keyring: Keyring },
  ids: readonly DeliveryId[],
  now: Date,
): Promise<void> {
  if (ids.length > 0) {
    const mails = await readSettledMails(deps.db, ids);
    await recordConfirmations(
      deps.db,
      mails.flatMap((mail) => describeMail(deps.keyring, mail) ?? []),
      now,
    );
  }
}

/** For the sweep: those that ended at the gate, at their give-up time or with their worker. Safe to run twice and at once. */
export async function recordForgottenConfirmations(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
}): Promise<void> {
  const now = deps.clock.now();
  for (let count = AT_ONCE; count === AT_ONCE;) {
    const ids = await listUnrecordedConfirmations(deps.db, new Date(now.getTime() - LOOK_BACK_MS), AT_ONCE);
    await recordSettledConfirmations(deps, ids, now);
    count = ids.length;
  }
}

function describeMail(keyring: Keyring, mail: SettledMail): ConfirmationMail | undefined {
  const {
    id: deliveryId,
    state: outcome,
    attempt: attempts,
    template,
    mailHash,
    replyCode,
    enhancedCode,
    reason,
  } = mail;
  if (outcome !== 'accepted' && outcome !== 'rejected' && outcome !== 'suppressed' && outcome !== 'ambiguous') {
    return undefined;
  }
  // A key that is no longer in the list made no mail of today.
  const wasSent = outcome !== 'suppressed' && keyring.keys.has(mail.keyId);
  const messageId = wasSent ? messageIdOf(mail, mail, keyring) : null;
  return { deliveryId, outcome, template, mailHash, messageId, attempts, replyCode, enhancedCode, reason };
}
