import { Checkbox, Group, Input, TextInput } from '@mantine/core';

/** By which clock mails leave, and in which hours: `08:00-20:00`, half of it while somebody types, null for any. */
export interface Timing {
  readonly localTime: boolean;
  readonly window: string | null;
}

interface TimingFieldsProps {
  readonly value: Timing;
  readonly onChange: (change: Partial<Timing>) => void;
  readonly localLabel: string;
  readonly localDescription: string;
  /** The newsletter's. */
  readonly zone: string;
  readonly error: string | undefined;
}

export function TimingFields({ value, onChange, localLabel, localDescription, zone, error }: TimingFieldsProps) {
  const [opens = '', closes = ''] = (value.window ?? '').split('-');
  const change = (from: string, until: string): void =>
    onChange({ window: from === '' && until === '' ? null : `${from}-${until}` });
  const clock = value.localTime ? 'each reader’s own clock' : `the clock of ${zone}`;
  return (
    <>
      <Checkbox
        label={localLabel}
        description={localDescription}
        checked={value.localTime}
        onChange={(event) => onChange({ localTime: event.currentTarget.checked })}
      />
      <Input.Wrapper
        role="group"
        aria-label="Only between"
        label="Only between"
        labelElement="div"
        description={`By ${clock}. Leave both empty for any hour; what is not sent by then waits for the next day.`}
        error={error}
      >
        <Group gap="xs" mb={5} wrap="nowrap">
          <TextInput
            type="time"
            aria-label="Not before"
            value={opens}
            onChange={(event) => change(event.currentTarget.value, closes)}
          />
          <span>and</span>
          <TextInput
            type="time"
            aria-label="Not after"
            value={closes}
            onChange={(event) => change(opens, event.currentTarget.value)}
          />
        </Group>
      </Input.Wrapper>
    </>
  );
}

/** Both times, or none. */
export function isWindowComplete({ window }: Timing): boolean {
  return window === null || /^\d\d:\d\d-\d\d:\d\d$/.test(window);
}
