import { Group, Stack, Text } from '@mantine/core';
import type { Campaign } from '../../api/types.ts';
import { formatInstant } from '../../parts/instants.ts';
import { Note } from '../../parts/note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';
import { ProgressStrip } from './progress-strip.tsx';
import { SentMail } from './sent-mail.tsx';
import { Steering, UndoBar } from './steering.tsx';

export function CampaignProgress({ campaign }: { readonly campaign: Campaign }) {
  return (
    <Stack gap="lg">
      {campaign.status === 'scheduled' && <UndoBar campaign={campaign} />}
      {campaign.stopMessage !== null && (
        <Note role="alert" tone="bad" title="It stands still">
          <p>{campaign.stopMessage}</p>
        </Note>
      )}
      <section className="sheet">
        <Stack>
          <Group justify="space-between" gap="sm">
            <Group gap="sm">
              <StatusMark status={campaign.status} />
              <Times campaign={campaign} />
            </Group>
            <Steering campaign={campaign} />
          </Group>
          {campaign.progress === null ? (
            <Text c="dimmed">The audience is counted and frozen when it starts.</Text>
          ) : (
            <ProgressStrip progress={campaign.progress} />
          )}
        </Stack>
      </section>
      {campaign.kind === 'campaign' && campaign.format !== 'digest' && (
        <SentMail campaign={campaign} format={campaign.format} />
      )}
    </Stack>
  );
}

function Times({ campaign }: { readonly campaign: Campaign }) {
  const zone = useZone();
  const start = campaign.frozenAt ?? campaign.startAt;
  const words = [
    campaign.newsletterName,
    start === null ? undefined : `${campaign.frozenAt === null ? 'starts' : 'started'} ${formatInstant(start, zone)}`,
    campaign.finishedAt === null ? undefined : `finished ${formatInstant(campaign.finishedAt, zone)}`,
  ];
  return <Text c="dimmed">{words.filter((word) => word !== undefined).join(' · ')}</Text>;
}
