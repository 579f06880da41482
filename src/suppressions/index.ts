export type { SuppressionReason } from './suppression.ts';
export { liftByConfirmation, suppressHardBounces, suppressSubscribers } from './suppressions.repository.ts';
