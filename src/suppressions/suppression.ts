/** Open until lifted. Unsubscribed is not a suppression: it ends one subscription, a suppression closes the address. */
export const SUPPRESSION_REASONS = ['hard-bounce', 'complaint', 'manual', 'erasure'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];
