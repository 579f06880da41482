import { Radio, Stack, Textarea } from '@mantine/core';
import type { Newsletter } from '../../api/types.ts';
import { Note } from '../../parts/note.tsx';

type OptIn = Pick<Newsletter, 'optIn' | 'optInReason'>;

/** How a subscription begins. Without a confirmation only for a reason, which every grant then names. */
export function OptInField({
  value,
  error,
  onChange,
}: {
  readonly value: OptIn;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<OptIn>) => void;
}) {
  return (
    <Stack gap="sm">
      <Radio.Group
        label="A subscription begins"
        value={value.optIn}
        onChange={(optIn) => onChange({ optIn: optIn === 'single' ? 'single' : 'double' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="double" label="when the reader confirms by the link of a mail (double opt-in)" />
          <Radio value="single" label="at once, without a confirmation (single opt-in)" />
        </Stack>
      </Radio.Group>
      {value.optIn === 'single' && (
        <>
          <Note tone="wait" title="Anybody can enter anybody’s address">
            Without the confirming click you cannot prove that the owner of an address asked for your mails; in Germany
            and elsewhere that makes them unlawful advertising, and complaints close mailboxes to you. Addresses that
            left, bounced or did not confirm before are asked to confirm all the same.
          </Note>
          <Textarea
            label="Why a confirmation is not needed"
            description="Kept with every consent that is granted this way, and in the audit log."
            required
            withAsterisk={false}
            autosize
            minRows={2}
            maxLength={500}
            value={value.optInReason ?? ''}
            error={error}
            onChange={(event) => onChange({ optInReason: event.currentTarget.value })}
          />
        </>
      )}
    </Stack>
  );
}
