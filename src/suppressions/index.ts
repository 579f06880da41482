export { liftSuppression } from './lift-suppression.ts';
export { findSuppressions, hashesOf, listSuppressionsOf, suppressAddress } from './suppress-address.ts';
export { mayAdminLift } from './suppression.ts';
export type { SuppressionReason } from './suppression.ts';
export { liftByConfirmation, suppressHardBounces, suppressSubscribers } from './suppressions.repository.ts';
export { suppressionsRoutes } from './suppressions.routes.ts';
export { whySchema } from './why.ts';
