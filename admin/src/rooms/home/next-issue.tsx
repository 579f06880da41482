import { Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { NextIssue as NextIssueShape } from '../../api/types.ts';
import { countOf, formatCountdown, formatMoment } from '../../parts/instants.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { Loaded } from '../../parts/room.tsx';
import { useNow } from '../../parts/use-now.ts';

/** What the clock will send next, as it stands now. */
export function NextIssue({ newsletterId }: { readonly newsletterId: number }) {
  const next = useQuery({
    queryKey: ['next-issue', newsletterId],
    queryFn: () => api.nextIssue(newsletterId),
    refetchInterval: 60_000,
  });
  return <Loaded query={next}>{(issue) => <Preview issue={issue} />}</Loaded>;
}

function Preview({ issue }: { readonly issue: NextIssueShape }) {
  return (
    <section className="sheet">
      <Stack>
        <Group justify="space-between" align="flex-end" gap="md">
          <Stack gap={4} flex="1 1 22rem" miw={0}>
            <span className="kicker">The next issue</span>
            <Title order={2}>{issue.subject ?? 'Nothing new yet'}</Title>
            <Text c="dimmed">{describe(issue)}</Text>
          </Stack>
          {issue.nextRunAt !== null && <Countdown to={issue.nextRunAt} timeZone={issue.timeZone} />}
        </Group>
        {issue.html !== null && issue.html !== '' && (
          <MailFrame title="The next issue as it stands" html={issue.html} />
        )}
      </Stack>
    </section>
  );
}

function describe(issue: NextIssueShape): string {
  if (issue.articleCount === 0) {
    return 'Without a new article it is skipped.';
  }
  const sections = issue.sections
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${name} ${count}`)
    .join(', ');
  const approval = issue.willWaitForApproval ? ' It will wait for your approval.' : '';
  return `${countOf(issue.articleCount, 'article')} so far: ${sections}.${approval}`;
}

function Countdown({ to, timeZone }: { readonly to: string; readonly timeZone: string }) {
  const now = useNow(1000);
  return (
    <Stack gap={2} ta={{ base: 'start', sm: 'end' }}>
      <span className="figure" role="timer" aria-label="Time left">
        {formatCountdown(new Date(to).getTime() - now)}
      </span>
      <Text size="sm" c="dimmed">
        {formatMoment(to, timeZone)}
      </Text>
    </Stack>
  );
}
