import { Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';

const DAYS = [
  { value: '1', label: 'Mondays' },
  { value: '2', label: 'Tuesdays' },
  { value: '3', label: 'Wednesdays' },
  { value: '4', label: 'Thursdays' },
  { value: '5', label: 'Fridays' },
  { value: '6', label: 'Saturdays' },
  { value: '0', label: 'Sundays' },
  { value: '1-5', label: 'Weekdays' },
  { value: '*', label: 'Every day' },
];
const OTHER = 'other';
const NEVER = 'never';

interface CronFieldProps {
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (cron: string) => void;
}

/** Day and time for what nearly everybody wants; the pattern itself for the rest. */
export function CronField({ value, error, onChange }: CronFieldProps) {
  const simple = readSimple(value);
  const [isPattern, setIsPattern] = useState(simple === undefined && value !== '');
  const choice = value === '' && !isPattern ? NEVER : isPattern || simple === undefined ? OTHER : simple.day;
  const choose = (next: string | null): void => {
    setIsPattern(next === OTHER);
    if (next === NEVER) {
      onChange('');
    } else if (next !== null && next !== OTHER) {
      onChange(writeSimple(next, simple?.time ?? '08:00'));
    }
  };
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap">
      <Select
        label="Comes out"
        flex="1 1 9rem"
        allowDeselect={false}
        data={[...DAYS, { value: OTHER, label: 'Other pattern' }, { value: NEVER, label: 'Without a schedule' }]}
        value={choice}
        error={choice === OTHER ? undefined : error}
        onChange={choose}
      />
      {choice === OTHER && (
        <TextInput
          label="Cron pattern"
          flex="1 1 8rem"
          placeholder="0 8 * * 1"
          value={value}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {choice !== OTHER && choice !== NEVER && (
        <TextInput
          label="at"
          type="time"
          flex="0 1 8rem"
          required
          withAsterisk={false}
          value={simple?.time ?? '08:00'}
          onChange={(event) =>
            event.currentTarget.value !== '' && onChange(writeSimple(choice, event.currentTarget.value))
          }
        />
      )}
    </Group>
  );
}

function readSimple(cron: string): { readonly day: string; readonly time: string } | undefined {
  const [, minute, hour, day] = /^(\d{1,2}) (\d{1,2}) \* \* (\S+)$/.exec(cron) ?? [];
  if (minute === undefined || hour === undefined || !DAYS.some(({ value }) => value === day)) {
    return undefined;
  }
  return { day: day ?? '', time: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}` };
}

function writeSimple(day: string, time: string): string {
  const [hour, minute] = time.split(':').map(Number);
  return `${minute ?? 0} ${hour ?? 8} * * ${day}`;
}
