import { SimpleGrid, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Campaign, Progress } from '../../api/campaign-types.ts';
import { countOf, formatCount, formatDuration, formatInstant } from '../../parts/instants.ts';
import { Note } from '../../parts/note.tsx';
import { useZone } from '../../session.ts';

const PARTS = [
  { key: 'accepted', label: 'Accepted', note: 'the next server took it', colour: 'var(--good)' },
  { key: 'open', label: 'Open', note: 'planned, or tried again later', colour: 'transparent' },
  { key: 'rejected', label: 'Rejected', note: 'the next server refused it', colour: 'var(--bad)' },
  { key: 'suppressed', label: 'Suppressed', note: 'left since, or must not be mailed', colour: 'var(--edge)' },
  { key: 'ambiguous', label: 'Ambiguous', note: 'nobody can know whether it arrived', colour: 'var(--wait)' },
  { key: 'cancelled', label: 'Cancelled', note: 'stopped before it left', colour: 'var(--soft)' },
] as const;
/** The bar above all rooms tells of the others. */
const SHOWN_HINDRANCES: ReadonlySet<string> = new Set(['no_worker', 'relay_unreachable']);

/** The sum that always holds: the audience is what became of each of its mails. */
export function ProgressStrip({ campaign, progress }: { readonly campaign: Campaign; readonly progress: Progress }) {
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
      <Outlook campaign={campaign} progress={progress} />
      {progress.hindrances
        .filter(({ code }) => SHOWN_HINDRANCES.has(code))
        .map(({ code, message }) => (
          <Note key={code} tone="wait" role="status" title={message} />
        ))}
      <SimpleGrid cols={{ base: 2, sm: 3, md: 6 }} spacing="md">
        {PARTS.map(({ key, label, note, colour }) => (
          <Link key={key} className="row-link" to={`/campaigns/${campaign.id}/recipients?state=${key}`}>
            <Stack gap={2}>
              <span className="kicker" style={{ borderTop: `3px solid ${colour}`, paddingTop: 6 }}>
                {label}
              </span>
              <span className="figure row-title" style={{ fontSize: '1.5rem' }}>
                {formatCount(progress[key])}
              </span>
              <Text size="xs" c="dimmed">
                {note}
              </Text>
            </Stack>
          </Link>
        ))}
      </SimpleGrid>
    </Stack>
  );
}

/** How fast, how long, and what comes later. */
function Outlook({ campaign, progress }: { readonly campaign: Campaign; readonly progress: Progress }) {
  const zone = useZone();
  const { audience, open, ratePerSecond, etaSeconds, underWay, waiting, nextDueAt } = progress;
  const words = [
    `${formatCount(audience - open)} of ${countOf(audience, 'mail')} settled`,
    ratePerSecond > 0 ? `${formatCount(Math.round(ratePerSecond))} a second` : undefined,
    etaSeconds === null ? undefined : `about ${formatDuration(etaSeconds)} left for what is due`,
    waiting > 0 && nextDueAt !== null
      ? `${formatCount(waiting)} due later, the first ${formatInstant(nextDueAt, zone)}`
      : undefined,
    underWay > 0 && campaign.status !== 'sending'
      ? `at most ${formatCount(underWay)} under way may still leave`
      : undefined,
  ];
  return (
    <Text aria-live="polite" size="sm" c="dimmed">
      {words.filter((word) => word !== undefined).join(' · ')}
    </Text>
  );
}
