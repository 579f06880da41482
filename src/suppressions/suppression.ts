import type { SubscriberId } from '../shared/ids.ts';

/** Open until lifted. Unsubscribed is not a suppression: it ends one subscription, a suppression closes the address. */
export const SUPPRESSION_REASONS = ['hard-bounce', 'complaint', 'manual', 'erasure'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

/**
 * | reason      | lifted by                                                                       |
 * |-------------|---------------------------------------------------------------------------------|
 * | hard-bounce | an admin; the owner's confirming click, since the address evidently works       |
 * | manual      | an admin                                                                        |
 * | complaint   | nobody: a reader who called our mail spam has to write to the publisher         |
 * | erasure     | the owner's confirming click only                                               |
 */
const LIFTED_BY_ADMINS: ReadonlySet<SuppressionReason> = new Set(['hard-bounce', 'manual']);

export function mayAdminLift(reason: SuppressionReason): boolean {
  return LIFTED_BY_ADMINS.has(reason);
}

export interface Suppression {
  readonly id: number;
  readonly reason: SuppressionReason;
  readonly source: string;
  readonly createdAt: Date;
  readonly liftedAt: Date | null;
  /** Of whoever has the address now. A suppression holds a keyed hash, so without a subscriber nobody can say whose it is. */
  readonly subscriberId: SubscriberId | null;
  readonly address: string | null;
}
