import { Badge } from '@mantine/core';

type Tone = 'good' | 'wait' | 'bad' | 'calm';

/** Words for the states that the API names; colour only underlines what the word says. */
const MARKS: Readonly<Record<string, readonly [Tone, string]>> = {
  active: ['good', 'Active'],
  pending: ['wait', 'Not confirmed yet'],
  unsubscribed: ['calm', 'Unsubscribed'],
  suppressed: ['bad', 'Suppressed'],
  confirmed: ['good', 'Confirmed'],
  unconfirmed: ['wait', 'Not confirmed yet'],
  ok: ['good', 'Healthy'],
  new: ['wait', 'Not read yet'],
  failing: ['bad', 'Failing'],
  feed_gone: ['bad', 'Gone'],
  sample: ['calm', 'Sample'],
  pinned: ['good', 'Pinned'],
  left_out: ['calm', 'Left out'],
  used: ['calm', 'In an issue'],
  awaiting_approval: ['wait', 'Waits for approval'],
  approved: ['good', 'Approved'],
  skipped: ['calm', 'Skipped'],
  dropped: ['calm', 'Dropped'],
  draft: ['calm', 'Draft'],
  scheduled: ['wait', 'Scheduled'],
  sending: ['wait', 'Sending'],
  paused: ['bad', 'Paused'],
  sent: ['good', 'Sent'],
  cancelled: ['calm', 'Cancelled'],
  current: ['good', 'In effect'],
  earlier: ['calm', 'Earlier'],
  withdrawn: ['calm', 'Withdrawn'],
  hidden: ['calm', 'Not shown: you have your own'],
  accepted: ['good', 'Accepted'],
  deferred: ['wait', 'Deferred'],
  rejected: ['bad', 'Rejected'],
  ambiguous: ['bad', 'Ambiguous'],
  planned: ['wait', 'Planned'],
  claimed: ['wait', 'Being sent'],
  dot_pending: ['wait', 'Being sent'],
  resolved: ['calm', 'Decided'],
};

export function StatusMark({ status }: { readonly status: string }) {
  const [tone, words] = MARKS[status] ?? ['calm', status];
  return (
    <Badge
      variant="default"
      radius="sm"
      tt="none"
      fw={600}
      bd={0}
      c={tone === 'calm' ? 'var(--soft)' : `var(--${tone})`}
      bg={tone === 'calm' ? 'var(--well)' : `var(--${tone}-well)`}
    >
      {words}
    </Badge>
  );
}
