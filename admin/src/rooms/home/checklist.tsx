import { Button, Collapse, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useId } from 'react';
import { api } from '../../api/api.ts';
import type { Overview } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { CheckIcon, CircleIcon } from '../../parts/icons.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';

type Item = Overview['checklist'][number];

const TITLES = { 'first-steps': 'Your first ten minutes', 'going-public': 'Before readers come' } as const;

/** The next open step of a group is unfolded; what is done folds away, and a finished group leaves the page. */
export function Checklist({ items }: { readonly items: readonly Item[] }) {
  const groups = (['first-steps', 'going-public'] as const)
    .map((group) => ({ group, steps: items.filter((item) => item.group === group) }))
    .filter(({ steps }) => steps.some(({ done }) => !done));
  return groups.map(({ group, steps }, index) => (
    <Steps key={group} title={TITLES[group]} steps={steps} startsOpen={index === 0} />
  ));
}

function Steps({
  title,
  steps,
  startsOpen,
}: {
  readonly title: string;
  readonly steps: readonly Item[];
  readonly startsOpen: boolean;
}) {
  const [isOpen, { toggle }] = useDisclosure(startsOpen);
  const listId = useId();
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done);
  return (
    <section className="sheet">
      <Group justify="space-between" gap="sm">
        <Title order={2} size="h3">
          {title}
        </Title>
        <Group gap="sm">
          <Text size="sm" c="dimmed">
            {done} of {steps.length} done
          </Text>
          <Button size="compact-sm" variant="default" onClick={toggle} aria-expanded={isOpen} aria-controls={listId}>
            {isOpen ? 'Fold' : 'Show'}
          </Button>
        </Group>
      </Group>
      <Collapse expanded={isOpen} id={listId}>
        <Stack component="ol" gap="md" mt="lg" p={0} style={{ listStyle: 'none' }}>
          {steps.map((step) => (
            <Step key={step.key} step={step} isNext={step === next} />
          ))}
        </Stack>
      </Collapse>
    </section>
  );
}

function Step({ step, isNext }: { readonly step: Item; readonly isNext: boolean }) {
  return (
    <Group component="li" align="flex-start" wrap="nowrap" gap="sm" c={step.done ? 'dimmed' : 'inherit'}>
      <span style={{ color: step.done ? 'var(--good)' : 'var(--edge)', lineHeight: 0, paddingTop: 2 }}>
        {step.done ? <CheckIcon /> : <CircleIcon />}
      </span>
      <Stack gap={2}>
        <Text fw={isNext ? 600 : 400}>
          {step.href === null || step.done ? step.title : <PlaceLink href={step.href}>{step.title}</PlaceLink>}
          <span className="visually-hidden">{step.done ? ' (done)' : ' (to do)'}</span>
        </Text>
        {!step.done && (
          <Text size="sm" c="dimmed">
            {step.hint}
          </Text>
        )}
        {!step.done && step.key === 'verify-address' && <MailAgain />}
      </Stack>
    </Group>
  );
}

function MailAgain() {
  const again = useMutation({
    mutationFn: api.resendVerification,
    onSuccess: () => announce('The mail is on its way.'),
  });
  return (
    <Stack gap="xs" align="flex-start" mt={4}>
      <Button size="compact-sm" variant="default" loading={again.isPending} onClick={() => again.mutate()}>
        Mail me the link again
      </Button>
      <ProblemNote error={again.error} />
    </Stack>
  );
}
