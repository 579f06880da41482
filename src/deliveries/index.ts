export { countAudience, countFrozen, insertAudience, listSelections } from './audience.repository.ts';
export type { MailChoice } from './audience.repository.ts';
export { bounceAddressOf, bounceTokenOf, readBounceAddress } from './bounce-address.ts';
export { loadCompiledMail, readSettledMails, storeCompiledMail } from './compiled-mail.repository.ts';
export type { MailHead, SettledMail, StoredMail } from './compiled-mail.repository.ts';
export { bringForward, opensAtExpression, readWallClock, spanLocalTime } from './due-at.repository.ts';
export { foldDeliveries } from './fold-deliveries.repository.ts';
export { forgetWorkers } from './forget-workers.repository.ts';
export { GIVE_UP_HOURS, LANE_OF_KIND } from './delivery.ts';
export type { BlockId, ClaimedDelivery, DeliveryCounts, DeliveryKind, DeliveryOutcome, SmtpReply } from './delivery.ts';
export { claimDue, gateAgain, listDueLanes, nextDueAt, releaseBlocks } from './claims.repository.ts';
export { commitAccepted, commitLedger, postponeRows } from './commit-ledger.repository.ts';
export type { AcceptedAttempt, CommittedEntries } from './commit-ledger.repository.ts';
export {
  cancelDeliveriesTo,
  cancelOpenDeliveries,
  countDeliveries,
  isInHand,
  listDeliveriesOf,
  readPace,
  recoverOpenDeliveries,
} from './deliveries.repository.ts';
export type { DeliveryStory } from './deliveries.repository.ts';
export {
  endLease,
  listSettledCampaigns,
  readWorkerHealth,
  reclaimForgotten,
  registerWorker,
  renewLease,
  RESCUE_GRACE_SECONDS,
  rescueDeliveries,
} from './leases.repository.ts';
export { listRepeatedFailures } from './repeated-failures.repository.ts';
export { planDeliveries, planDelivery } from './plan-delivery.ts';
export type { PlannedMail } from './plan-delivery.ts';
export { messageIdOf } from './message-id.ts';
export { readOutlook } from './outlook.repository.ts';
export type { SendingOutlook } from './outlook.repository.ts';
export { findRecipients, findRecipientStory, listRecipients, RECIPIENT_FILTERS } from './recipients.repository.ts';
export type { Recipient, RecipientFilter, RecipientStory } from './recipients.repository.ts';
export {
  countRetryable,
  findDoubtfulConfirmation,
  planAmbiguousAgain,
  planFailedAgain,
  resolveByEvidence,
  RETRY_SCOPES,
  settleAmbiguous,
} from './resolve.repository.ts';
export type { RetryScope } from './resolve.repository.ts';
