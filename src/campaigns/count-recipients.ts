import { countAudience } from '../deliveries/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { Campaign } from './campaign.ts';

/** How many the campaign goes to: those of its frozen audience, before that those who would be in it now. */
export async function countRecipients(db: DbOrTx, campaign: Campaign, now: Date): Promise<number> {
  return campaign.audienceCount ?? (await countAudience(db, campaign.newsletterId, now));
}
