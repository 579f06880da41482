import { Stack, Text, Title } from '@mantine/core';
import type { Sending } from '../../api/campaign-types.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf } from '../../parts/instants.ts';
import { Loaded } from '../../parts/room.tsx';
import { useSending, useSteerSending } from '../../parts/use-sending.ts';

/** The kill switch. What holds mails back at the moment stands above every room. */
export function SendingTab() {
  const query = useSending();
  const stop = useSteerSending('stop');
  return (
    <Loaded query={query}>
      {(sending) => (
        <section className="sheet">
          <Stack align="flex-start">
            <Title order={2} size="h3">
              Sending
            </Title>
            <Text>{describe(sending)}</Text>
            <Text size="sm" c="dimmed">
              When something goes wrong and you do not know yet what: stop everything first. Within seconds no mail
              begins any more, in any worker. Nothing is lost, and sign-ups are kept.
            </Text>
            {sending.stop === null && (
              <ConfirmButton
                label="Stop all sending"
                title="Stop all sending?"
                question="No mail leaves any more, confirmations included, until somebody resumes."
                confirmLabel="Stop everything"
                action={stop}
                buttonProps={{ color: 'red', variant: 'outline' }}
              />
            )}
          </Stack>
        </section>
      )}
    </Loaded>
  );
}

function describe({ workers, relayError }: Sending): string {
  if (workers.live === 0) {
    return 'No worker runs, so nothing is sent. Start one with: npm run worker';
  }
  const relay = relayError === null ? 'The relay takes mails.' : `The relay does not take mails: ${relayError}.`;
  return `${countOf(workers.live, 'worker')} at work. ${relay}`;
}
