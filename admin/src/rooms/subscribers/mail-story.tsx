import { Group, Stack, Text, Title } from '@mantine/core';
import type { SubscriberStory } from '../../api/types.ts';
import { formatInstant } from '../../parts/instants.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';

const KINDS: Readonly<Record<string, string>> = {
  campaign: 'Campaign',
  issue: 'Issue',
  confirm: 'Confirmation',
  welcome: 'Welcome',
  test: 'Test',
  system: 'Notice',
  'already-subscribed': 'Already subscribed',
};

export function MailStory({ deliveries }: { readonly deliveries: SubscriberStory['deliveries'] }) {
  const zone = useZone();
  return (
    <section className="sheet">
      <Title order={2} size="h3" mb="xs">
        Mails
      </Title>
      <div className="list-rows">
        {deliveries.map((delivery) => (
          <Group key={delivery.id} justify="space-between" py="sm" gap="xs">
            <Stack gap={0} flex="1 1 16rem" miw={0}>
              <Text fw={600}>{nameOf(delivery)}</Text>
              <Text size="sm" c="dimmed">
                {KINDS[delivery.kind] ?? delivery.kind} ·{' '}
                {formatInstant(delivery.settledAt ?? delivery.createdAt, zone)}
                {delivery.reason === null ? '' : ` · ${delivery.reason}`}
              </Text>
            </Stack>
            <StatusMark status={delivery.state} />
          </Group>
        ))}
      </div>
      {deliveries.length === 0 && <Text c="dimmed">No mail was planned for this person.</Text>}
    </section>
  );
}

/** Campaigns and issues have a subject of their own; of other mails the API names the template. */
function nameOf({ kind, subject }: SubscriberStory['deliveries'][number]): string {
  const name = subject ?? kind;
  return KINDS[name] ?? name;
}
