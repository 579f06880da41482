import { SegmentedControl, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import type { CampaignDraft } from '../../api/campaign-types.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { Note } from '../../parts/note.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';

/** The compiled mail, as the server makes it; it follows the typing. */
export function CampaignPreview({ draft, followText }: { readonly draft: CampaignDraft; readonly followText: string }) {
  const [settled] = useDebouncedValue({ draft, followText }, 400);
  const [reader, setReader] = useState<'named' | 'nameless'>('named');
  const asksForName = /subscriber\.name/.test(
    [settled.draft.subject, settled.draft.preheader, settled.draft.source].join(' '),
  );
  const isEmpty = settled.draft.source.trim() === '' || settled.draft.newsletterId === 0;
  const preview = useQuery({
    queryKey: ['preview', settled.draft, reader],
    // Without a subject there is nothing wrong yet with the text.
    queryFn: () =>
      api.previewCampaign({ ...settled.draft, subject: settled.draft.subject.trim() || 'Subject', reader }),
    enabled: !isEmpty,
    placeholderData: keepPreviousData,
    gcTime: 10_000,
    retry: false,
  });
  if (isEmpty) {
    return <Text c="dimmed">The mail appears here as you write.</Text>;
  }
  const { data } = preview;
  return (
    <Stack gap="sm">
      <ProblemNote error={preview.error} />
      {asksForName && (
        <SegmentedControl
          size="xs"
          aria-label="Whose mail is shown"
          value={reader}
          onChange={(value) => setReader(value === 'nameless' ? 'nameless' : 'named')}
          data={[
            { value: 'named', label: 'As Ada Okafor gets it' },
            { value: 'nameless', label: 'Without a name' },
          ]}
        />
      )}
      {preview.isPending && preview.error === null && <Text c="dimmed">Making the mail …</Text>}
      {data !== undefined && (
        <>
          <Stack gap={0}>
            <Text fw={700} ff="var(--serif)" size="lg">
              {data.subject}
            </Text>
            <Text size="sm" c="dimmed">
              {settled.draft.preheader === '' ? 'No preheader' : settled.draft.preheader} ·{' '}
              {(data.bytes / 1024).toFixed(0)} kB
            </Text>
          </Stack>
          {data.problems.length > 0 && (
            <Note role="status" tone="wait" title="To mend before it can be sent">
              <ul>
                {data.problems.map((problem) => (
                  <li key={`${problem.line ?? ''} ${problem.message}`}>
                    {problem.line === undefined ? '' : `Line ${problem.line}: `}
                    {problem.message}
                  </li>
                ))}
              </ul>
            </Note>
          )}
          {data.html !== '' && (
            <MailFrame
              title="The mail as it will look"
              html={data.html}
              height={frameHeight()}
              followText={settled.followText}
            />
          )}
        </>
      )}
    </Stack>
  );
}

/** So that all of it fits between the top of the window and the bar with the buttons. */
function frameHeight(): number {
  return Math.max(360, Math.min(620, globalThis.innerHeight - 330));
}
