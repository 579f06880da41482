import { Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Campaign } from '../../api/campaign-types.ts';
import { formatInstant } from '../../parts/instants.ts';
import { Note } from '../../parts/note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';
import { DoubtSheet } from './doubt-sheet.tsx';
import { ProgressStrip } from './progress-strip.tsx';
import { RetryButton } from './retry-button.tsx';
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
            <>
              <ProgressStrip campaign={campaign} progress={campaign.progress} />
              <Group gap="xs">
                <Button component={Link} to={`/campaigns/${campaign.id}/recipients`} variant="default" size="xs">
                  Who got it
                </Button>
                {campaign.progress.rejected > 0 && campaign.status !== 'cancelled' && (
                  <RetryButton campaign={campaign} />
                )}
              </Group>
            </>
          )}
        </Stack>
      </section>
      {(campaign.progress?.ambiguous ?? 0) > 0 && <DoubtSheet campaign={campaign} />}
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
    describeTiming(campaign),
    campaign.finishedAt === null ? undefined : `finished ${formatInstant(campaign.finishedAt, zone)}`,
  ];
  return <Text c="dimmed">{words.filter((word) => word !== undefined).join(' · ')}</Text>;
}

function describeTiming({ localTime, localAt, sendWindow }: Campaign): string | undefined {
  const time = localAt === null ? '' : ` at ${localAt.slice(11, 16)}`;
  const words = [
    ...(localTime ? [`by each reader’s own clock${time}`] : []),
    ...(sendWindow === null ? [] : [`between ${sendWindow.replace('-', ' and ')}`]),
  ];
  return words.length === 0 ? undefined : words.join(', ');
}
