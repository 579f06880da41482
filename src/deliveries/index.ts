export { loadCompiledMail, readSettledMails, storeCompiledMail } from './compiled-mail.repository.ts';
export type { MailHead, SettledMail, StoredMail } from './compiled-mail.repository.ts';
export { foldDeliveries } from './fold-deliveries.repository.ts';
export { GIVE_UP_HOURS, LANE_OF_KIND } from './delivery.ts';
export type { ClaimedDelivery, DeliveryCounts, DeliveryKind, DeliveryOutcome, SmtpReply } from './delivery.ts';
export {
  claimDue,
  gateAgain,
  markDotPending,
  nextDueAt,
  reclaimForgotten,
  recordOutcomes,
  releaseClaims,
} from './claims.repository.ts';
export type { AttemptOutcome } from './claims.repository.ts';
export {
  cancelDeliveriesTo,
  cancelOpenDeliveries,
  countAudience,
  countDeliveries,
  countRecentlyAccepted,
  insertAudience,
  listDeliveriesOf,
} from './deliveries.repository.ts';
export type { DeliveryStory } from './deliveries.repository.ts';
export {
  endLease,
  listSettledCampaigns,
  readWorkerHealth,
  registerWorker,
  renewLease,
  rescueDeliveries,
} from './leases.repository.ts';
export { planDeliveries, planDelivery } from './plan-delivery.ts';
export type { PlannedMail } from './plan-delivery.ts';
