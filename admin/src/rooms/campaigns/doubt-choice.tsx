import { Radio, Stack } from '@mantine/core';
import type { AmbiguousPolicy } from '../../api/campaign-types.ts';

/** The one thing that cannot be had both ways, said before anything leaves. */
export function DoubtChoice({
  value,
  onChange,
}: {
  readonly value: AmbiguousPolicy;
  readonly onChange: (policy: AmbiguousPolicy) => void;
}) {
  return (
    <Radio.Group
      label="If a connection breaks at the last moment"
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      description="Then nobody can know whether that one mail arrived. It concerns a handful at most."
      value={value}
      onChange={(policy) => onChange(policy === 'resend' ? 'resend' : 'hold')}
    >
      <Stack gap="xs" mt="xs">
        <Radio
          value="hold"
          label="Hold it for me to decide"
          description="Nobody gets it twice; until you decide, somebody may not have it."
        />
        <Radio
          value="resend"
          label="Send it again after ten minutes"
          description="Nobody misses it; somebody may get it twice."
        />
      </Stack>
    </Radio.Group>
  );
}
