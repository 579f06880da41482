import { Button, Group, SegmentedControl, Stack, Text, Title, useMantineColorScheme } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { announce } from '../../parts/announce.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useSession } from '../../session.ts';

export function AccountTab() {
  const { data } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const again = useMutation({
    mutationFn: api.resendVerification,
    onSuccess: () => announce('The mail is on its way.'),
  });
  const admin = data?.admin;
  return (
    <section className="sheet">
      <Stack align="flex-start">
        <Stack gap={4}>
          <Title order={2} size="h3">
            {admin?.address}
          </Title>
          <Group gap="xs">
            <StatusMark status={admin?.verified === true ? 'confirmed' : 'unconfirmed'} />
            <Text c="dimmed">Times are shown in {admin?.timeZone ?? 'UTC'}.</Text>
          </Group>
        </Stack>
        {admin?.verified === false && (
          <Button variant="default" loading={again.isPending} onClick={() => again.mutate()}>
            Mail me the link to confirm it
          </Button>
        )}
        <ProblemNote error={again.error} />
        <Text size="sm" c="dimmed">
          A new password: run <code>npm run -s courant -- admin create --email {admin?.address}</code> and open the link
          it prints. All sessions of the account end then.
        </Text>
        <Stack gap={4}>
          <Text fw={500} size="sm" id="scheme-label">
            Light or dark
          </Text>
          <SegmentedControl
            aria-labelledby="scheme-label"
            value={colorScheme}
            onChange={(value) => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
            data={[
              { value: 'auto', label: 'As the system' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        </Stack>
      </Stack>
    </section>
  );
}
