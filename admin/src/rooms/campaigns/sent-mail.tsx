import { Button, Group, Stack, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Campaign, CampaignFormat } from '../../api/campaign-types.ts';
import { CampaignPreview } from './campaign-preview.tsx';

/** Made on demand: it costs the server a compile. */
export function SentMail({ campaign, format }: { readonly campaign: Campaign; readonly format: CampaignFormat }) {
  const [isShown, { toggle }] = useDisclosure(false);
  const { newsletterId, subject, source } = campaign;
  return (
    <section className="sheet">
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h3">
            The mail
          </Title>
          <Button variant="default" size="xs" onClick={toggle} aria-expanded={isShown}>
            {isShown ? 'Hide' : 'Show'}
          </Button>
        </Group>
        {isShown && (
          <CampaignPreview
            draft={{ newsletterId, subject, preheader: campaign.preheader ?? '', format, source }}
            followText=""
          />
        )}
      </Stack>
    </section>
  );
}
