import type { CampaignId } from '../../../shared/ids.ts';

export interface RetentionTables {
  delivery_totals: { campaign_id: CampaignId | null; kind: string; state: string; count: number };
}
