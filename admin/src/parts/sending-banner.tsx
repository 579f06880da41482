import { Group, List, Stack, Text } from '@mantine/core';
import type { Sending } from '../api/campaign-types.ts';
import { useZone } from '../session.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { countOf, formatInstant } from './instants.ts';
import { Note } from './note.tsx';
import { useSending, useSteerSending } from './use-sending.ts';

/** Above every room while mails are held back: what that means, and the way out. */
export function SendingBanner() {
  const { data } = useSending();
  if (data === undefined || (data.stop === null && data.hold === null)) {
    return null;
  }
  return (
    <Stack gap="sm" component="section" aria-label="Mails are held back">
      {data.stop !== null && <Stopped stop={data.stop} />}
      {data.hold !== null && <Held hold={data.hold} waiting={data.waiting} />}
    </Stack>
  );
}

function Stopped({ stop }: { readonly stop: NonNullable<Sending['stop']> }) {
  const zone = useZone();
  const resume = useSteerSending('resume');
  return (
    <Note role="alert" tone="bad" title="All sending is stopped">
      <Group justify="space-between" gap="sm" align="flex-end">
        <Text size="sm" flex="1 1 20rem">
          Since {formatInstant(stop.since, zone)}, by {stop.by}. No mail leaves, confirmations included. Everything is
          kept and goes out later.
        </Text>
        <ConfirmButton
          label="Resume"
          title="Let mails go again?"
          question="Confirmations, welcomes, issues and campaigns that are due go out at once."
          confirmLabel="Resume sending"
          action={resume}
          buttonProps={{ size: 'xs' }}
        />
      </Group>
    </Note>
  );
}

type HeldProps = { readonly hold: NonNullable<Sending['hold']>; readonly waiting: Sending['waiting'] };

function Held({ hold, waiting }: HeldProps) {
  const zone = useZone();
  const release = useSteerSending('release');
  const since =
    hold.reason === 'restored'
      ? `A backup of ${formatInstant(hold.lastWorkAt, zone)} was restored. What was mailed after that is not known here, and would be mailed again.`
      : `Nothing ran from ${formatInstant(hold.lastWorkAt, zone)} to ${formatInstant(hold.since, zone)}. What was due then may be of no use now.`;
  return (
    <Note role="alert" tone="wait" title="Campaigns and issues are held">
      <Group justify="space-between" gap="sm" align="flex-end">
        <Text size="sm" flex="1 1 20rem">
          {since} Confirmations and welcomes go out as ever. Cancel what should not go, then release the rest.
        </Text>
        <ConfirmButton
          label="Look and release"
          title="Release campaigns and issues?"
          question={isEmpty(waiting) ? 'Nothing waits that would go out at once.' : 'This goes out at once:'}
          confirmLabel="Release"
          action={release}
          buttonProps={{ size: 'xs' }}
        >
          <Waiting waiting={waiting} />
        </ConfirmButton>
      </Group>
    </Note>
  );
}

function isEmpty(waiting: Sending['waiting']): boolean {
  return waiting === null || waiting.campaigns.length + waiting.newsletters.length === 0;
}

function Waiting({ waiting }: { readonly waiting: Sending['waiting'] }) {
  const zone = useZone();
  if (waiting === null || isEmpty(waiting)) {
    return null;
  }
  return (
    <List size="sm" spacing="xs">
      {waiting.campaigns.map(({ id, newsletterName, subject, readers }) => (
        <List.Item key={`campaign ${id}`}>
          “{subject}” of {newsletterName}, to {countOf(readers, 'reader')} who have not got it
        </List.Item>
      ))}
      {waiting.newsletters.map(({ id, name, dueAt, readers }) => (
        <List.Item key={`newsletter ${id}`}>
          one issue of {name}, due since {formatInstant(dueAt, zone)}, to {countOf(readers, 'reader')}
        </List.Item>
      ))}
    </List>
  );
}
