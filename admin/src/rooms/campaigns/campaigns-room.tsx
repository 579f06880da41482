import { Button, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api } from '../../api/api.ts';
import type { CampaignSummary } from '../../api/campaign-types.ts';
import { formatCount, formatInstant } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { Room } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';

export function CampaignsRoom() {
  const found = useInfiniteQuery({
    queryKey: ['campaigns'],
    queryFn: ({ pageParam }) => api.campaigns(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => (nextCursor === null ? undefined : String(nextCursor)),
    refetchInterval: 10_000,
  });
  const zone = useZone();
  const campaigns = found.data?.pages.flatMap((page) => page.campaigns) ?? [];
  return (
    <Room
      title="Campaigns"
      actions={
        <Button component={Link} to="/campaigns/new">
          Write a campaign
        </Button>
      }
    >
      <ProblemNote error={found.error} />
      {found.data !== undefined && (
        <div className="sheet list-rows">
          {campaigns.map((campaign) => (
            <Row key={campaign.id} campaign={campaign} zone={zone} />
          ))}
          {campaigns.length === 0 && <Text c="dimmed">None yet. Issues and campaigns stand here, newest first.</Text>}
        </div>
      )}
      {found.hasNextPage && (
        <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Room>
  );
}

function Row({ campaign, zone }: { readonly campaign: CampaignSummary; readonly zone: string }) {
  return (
    <Link className="row-link" to={`/campaigns/${campaign.id}`}>
      <Group justify="space-between" py="md" gap="xs">
        <Stack gap={2} flex="1 1 16rem" miw={0}>
          <span className="row-title">{campaign.subject}</span>
          <Text size="sm" c="dimmed">
            {campaign.kind === 'issue' ? 'Issue of ' : ''}
            {campaign.newsletterName} · {formatInstant(campaign.startAt ?? campaign.createdAt, zone)}
          </Text>
        </Stack>
        <Group gap="md">
          {campaign.audienceCount !== null && (
            <Text size="sm" c="dimmed">
              {campaign.progress === null
                ? `to ${formatCount(campaign.audienceCount)}`
                : `${formatCount(campaign.progress.accepted)} of ${formatCount(campaign.audienceCount)} accepted`}
            </Text>
          )}
          <StatusMark status={campaign.status} />
        </Group>
      </Group>
    </Link>
  );
}
