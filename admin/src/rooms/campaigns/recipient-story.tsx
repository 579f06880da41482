import { Anchor, Group, Modal, Stack, Text } from '@mantine/core';
import { skipToken, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api } from '../../api/api.ts';
import type { Recipient, RecipientStory as Story } from '../../api/campaign-types.ts';
import { formatInstant } from '../../parts/instants.ts';
import { Loaded } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';

interface RecipientStoryProps {
  readonly campaignId: number;
  readonly recipient: Recipient | undefined;
  readonly onClose: () => void;
}

/** One mail: each attempt, what the server said, who decided what. */
export function RecipientStory({ campaignId, recipient, onClose }: RecipientStoryProps) {
  const deliveryId = recipient?.deliveryId;
  const story = useQuery({
    queryKey: ['recipient', campaignId, deliveryId],
    queryFn: deliveryId === undefined ? skipToken : () => api.recipientStory(campaignId, deliveryId),
  });
  return (
    <Modal
      opened={recipient !== undefined}
      onClose={onClose}
      size="lg"
      title={recipient?.address === '' ? 'An erased reader' : recipient?.address}
    >
      <Loaded query={story}>{(data) => <Told story={data} />}</Loaded>
    </Modal>
  );
}

function Told({ story }: { readonly story: Story }) {
  const zone = useZone();
  return (
    <Stack gap="xs">
      <div className="list-rows">
        <Moment at={formatInstant(story.createdAt, zone)} words="Planned: the audience was frozen" />
        {story.events.map((event) => (
          <Moment
            key={`${event.occurredAt} ${event.event}`}
            at={formatInstant(event.occurredAt, zone)}
            status={event.event}
            words={describeEvent(event)}
            quote={event.serverWords}
          />
        ))}
        {story.settledAt !== null && !isTold(story) && (
          <Moment
            at={formatInstant(story.settledAt, zone)}
            status={story.state}
            words={story.reason === null ? `Attempt ${story.attempt}` : story.reason.replaceAll('_', ' ')}
          />
        )}
        {story.dueAt !== null && (
          <Moment
            at={formatInstant(story.dueAt, zone)}
            status={story.state}
            words={`Due; given up after ${formatInstant(story.giveUpAt, zone)}`}
          />
        )}
      </div>
      {story.messageId !== null && (
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          Message-ID {story.messageId}
        </Text>
      )}
      {story.address !== '' && (
        <Anchor component={Link} to={`/subscribers/${story.subscriberId}`} size="sm">
          All about this reader
        </Anchor>
      )}
    </Stack>
  );
}

/** Whether the last event is what it is now. What the gate or a cancellation did has no event, and acceptance needs none. */
function isTold({ state, events }: Story): boolean {
  const last = events.at(-1);
  return last !== undefined && (last.event === state || last.resolution === state);
}

const RESOLUTIONS: Readonly<Record<string, string>> = {
  accepted: 'noted as accepted',
  rejected: 'noted as rejected',
  resend: 'to be sent once more',
  retry: 'to be sent once more',
};
const SOURCES: Readonly<Record<string, string>> = {
  by_hand: 'by hand',
  confirmed_by_reader: 'the reader pressed its button',
};

function describeEvent({ attempt, replyCode, enhancedCode, resolution, source }: Story['events'][number]): string {
  const codes = [replyCode, enhancedCode].filter((code) => code !== null).join(' ');
  const words = [
    `Attempt ${attempt}`,
    resolution === null ? undefined : RESOLUTIONS[resolution],
    source === null ? undefined : (SOURCES[source] ?? source),
    codes === '' ? undefined : codes,
  ];
  return words.filter((word) => word !== undefined).join(' · ');
}

interface MomentProps {
  readonly at: string;
  readonly status?: string;
  readonly words: string;
  readonly quote?: string | null;
}

function Moment({ at, status, words, quote = null }: MomentProps) {
  return (
    <Group justify="space-between" py="xs" gap="xs" wrap="nowrap" align="flex-start">
      <Stack gap={0} miw={0} flex="1 1 auto">
        <Text size="sm" c="dimmed">
          {at}
        </Text>
        <Text size="sm">{words}</Text>
        {quote !== null && (
          <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {quote}
          </Text>
        )}
      </Stack>
      {status !== undefined && (
        <div style={{ flex: 'none' }}>
          <StatusMark status={status} />
        </div>
      )}
    </Group>
  );
}
