import { SimpleGrid, Stack, Text } from '@mantine/core';
import type { Progress } from '../../api/types.ts';
import { countOf, formatCount, formatDuration } from '../../parts/instants.ts';

const PARTS = [
  { key: 'accepted', label: 'Accepted', note: 'the next server took it', colour: 'var(--good)' },
  { key: 'open', label: 'Open', note: 'planned, or tried again later', colour: 'transparent' },
  { key: 'rejected', label: 'Rejected', note: 'the next server refused it', colour: 'var(--bad)' },
  { key: 'suppressed', label: 'Suppressed', note: 'left since, or must not be mailed', colour: 'var(--edge)' },
  { key: 'ambiguous', label: 'Ambiguous', note: 'nobody can know; not sent again', colour: 'var(--wait)' },
  { key: 'cancelled', label: 'Cancelled', note: 'stopped before it left', colour: 'var(--soft)' },
] as const;

/** The sum that always holds: the audience is what became of each of its mails. */
export function ProgressStrip({ progress }: { readonly progress: Progress }) {
  const inStripOrder = [...PARTS.filter(({ key }) => key !== 'open'), ...PARTS.filter(({ key }) => key === 'open')];
  const settled = progress.audience - progress.open;
  return (
    <Stack>
      <div
        className="strip"
        role="progressbar"
        aria-label="Settled mails"
        aria-valuemin={0}
        aria-valuemax={progress.audience}
        aria-valuenow={settled}
      >
        {inStripOrder.map(({ key, colour }) => (
          <span key={key} style={{ flex: `${progress[key]} 0 0`, background: colour }} />
        ))}
      </div>
      <Text aria-live="polite" size="sm" c="dimmed">
        {formatCount(settled)} of {countOf(progress.audience, 'mail')} settled
        {progress.open > 0 && progress.ratePerSecond !== null && progress.ratePerSecond > 0
          ? ` · ${formatCount(Math.round(progress.ratePerSecond))} a second`
          : ''}
        {progress.open > 0 && progress.etaSeconds !== null
          ? ` · about ${formatDuration(progress.etaSeconds)} left`
          : ''}
      </Text>
      <SimpleGrid cols={{ base: 2, sm: 3, md: 6 }} spacing="md">
        {PARTS.map(({ key, label, note, colour }) => (
          <Stack key={key} gap={2}>
            <span className="kicker" style={{ borderTop: `3px solid ${colour}`, paddingTop: 6 }}>
              {label}
            </span>
            <span className="figure" style={{ fontSize: '1.5rem' }}>
              {formatCount(progress[key])}
            </span>
            <Text size="xs" c="dimmed">
              {note}
            </Text>
          </Stack>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
