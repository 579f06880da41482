import type { Campaign, CampaignDraft } from '../../api/campaign-types.ts';

export const MJML_STARTER = `<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text font-size="28px" font-family="Georgia, serif">A headline</mj-text>
        <mj-text>Good morning {{ subscriber.name | default: "reader" }},</mj-text>
        <mj-button href="https://example.org">Read on</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`;

export function emptyDraft(newsletterId: number): CampaignDraft {
  return { newsletterId, subject: '', preheader: '', format: 'markdown', source: '' };
}

export function savedDraft(campaign: Campaign): CampaignDraft {
  return {
    newsletterId: campaign.newsletterId,
    subject: campaign.subject,
    preheader: campaign.preheader ?? '',
    format: campaign.format === 'mjml' ? 'mjml' : 'markdown',
    source: campaign.source,
  };
}

export function isSame(one: CampaignDraft, other: CampaignDraft): boolean {
  return (Object.keys(one) as (keyof CampaignDraft)[]).every((name) => one[name] === other[name]);
}
