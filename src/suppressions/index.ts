export { SUPPRESSION_REASONS } from './suppression.ts';
export type { SuppressionReason } from './suppression.ts';
export {
  liftByConfirmation,
  listOpenSuppressions,
  suppressHardBounces,
  suppressHash,
  suppressSubscribers,
} from './suppressions.repository.ts';
