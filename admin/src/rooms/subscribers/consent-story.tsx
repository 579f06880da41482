import { Button, Collapse, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useId } from 'react';
import type { ConsentRecord } from '../../api/types.ts';
import { formatInstant } from '../../parts/instants.ts';
import { useZone } from '../../session.ts';

const ACTIONS: Readonly<Record<string, string>> = {
  requested: 'Asked for it',
  confirmation_sent: 'Confirmation mail went out',
  granted: 'Confirmed',
  withdrawn: 'Withdrawn',
  renewed: 'Renewed',
  changed: 'Changed',
  expired: 'Expired',
  erased: 'Erased',
};

/** Every record as it was written, newest last, as one would tell it. */
export function ConsentStory({ records }: { readonly records: readonly ConsentRecord[] }) {
  return (
    <section className="sheet">
      <Title order={2} size="h3" mb="xs">
        Consent
      </Title>
      <ol className="list-rows" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {records.map((record) => (
          <li key={record.id}>
            <Entry record={record} />
          </li>
        ))}
      </ol>
      {records.length === 0 && <Text c="dimmed">No record. This person was never asked, so nothing may be sent.</Text>}
    </section>
  );
}

function Entry({ record }: { readonly record: ConsentRecord }) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const detailsId = useId();
  const zone = useZone();
  const facts = factsOf(record);
  return (
    <Stack gap={4} py="sm">
      <Group justify="space-between" gap="xs">
        <Stack gap={0}>
          <Text fw={600}>
            {ACTIONS[record.action] ?? record.action}
            {record.newsletterName === null ? '' : `: ${record.newsletterName}`}
          </Text>
          <Text size="sm" c="dimmed">
            {formatInstant(record.occurredAt, zone)} · by {record.actor} · {record.method} ·{' '}
            {record.sealed ? 'sealed' : 'seal follows'}
          </Text>
        </Stack>
        {facts.length > 0 && (
          <Button size="compact-sm" variant="default" onClick={toggle} aria-expanded={isOpen} aria-controls={detailsId}>
            {isOpen ? 'Less' : 'Evidence'}
          </Button>
        )}
      </Group>
      <Collapse expanded={isOpen} id={detailsId}>
        <Stack component="dl" gap="xs" m={0} mt="xs">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt className="kicker">{name}</dt>
              <dd style={{ margin: 0, overflowWrap: 'anywhere' }}>{value}</dd>
            </div>
          ))}
        </Stack>
      </Collapse>
    </Stack>
  );
}

function factsOf(record: ConsentRecord): readonly (readonly [string, string])[] {
  const version = (value: number | string | null): string => (value === null ? '' : ` (version ${value})`);
  const facts: readonly (readonly [string, string | null])[] = [
    ['What was agreed to', record.texts.consent],
    [`Terms${version(record.termsVersion)}`, record.texts.terms],
    [`Privacy notice shown${version(record.privacyVersion)}`, record.texts.privacy],
    ['Purpose', record.purpose],
    ['Form', record.formId],
    ['Page', record.pageUrl],
    ['Network', record.ip],
    ['Browser', record.agent],
  ];
  return facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, value] as const]));
}
