import {
  Autocomplete,
  Button,
  Checkbox,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';
import { TimingFields } from '../../parts/timing-fields.tsx';
import { zoneNames } from '../../parts/zones.ts';
import { CronField } from './cron-field.tsx';
import { OptInField } from './opt-in-field.tsx';

const FIELDS = [
  'name',
  'slug',
  'description',
  'locale',
  'isPublic',
  'fromName',
  'fromAddress',
  'replyTo',
  'postalAddress',
  'imprintUrl',
  'cron',
  'timeZone',
  'maxPerSection',
  'localTime',
  'sendWindow',
  'optIn',
  'optInReason',
] as const;
type Field = (typeof FIELDS)[number];
type Values = Pick<Newsletter, Field>;

/** Sends only what was changed, so that two people who edit different fields do not undo each other. */
export function SettingsForm({ newsletter }: { readonly newsletter: Newsletter }) {
  const queryClient = useQueryClient();
  const { draft: changes, change: set, settle } = useStoredDraft<Partial<Values>>(`newsletter-${newsletter.id}`, {});
  const save = useMutation({
    mutationFn: () => api.updateNewsletter(newsletter.id, changes),
    onSuccess: async (saved) => {
      settle({});
      announce('Settings saved.');
      queryClient.setQueryData(['newsletters', newsletter.id], saved);
      await queryClient.invalidateQueries();
    },
  });
  const values: Values = { ...newsletter, ...changes };
  const languages = useQuery({ queryKey: ['languages'], queryFn: api.languages, staleTime: Infinity });
  const text = (field: 'name' | 'slug' | 'fromName' | 'fromAddress' | 'replyTo' | 'imprintUrl') => ({
    value: values[field] ?? '',
    error: fieldError(save.error, field),
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set({ [field]: event.currentTarget.value }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <section className="sheet">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h3">
            Settings
          </Title>
          <ProblemNote error={save.error} fields={FIELDS} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label="Name" required withAsterisk={false} {...text('name')} />
            <TextInput
              label="Short name"
              description="Part of addresses; old links break when it changes."
              {...text('slug')}
            />
          </SimpleGrid>
          <Textarea
            label="Promise"
            description="One or two sentences on the signup page: what it brings, and how often."
            autosize
            minRows={2}
            maxLength={500}
            value={values.description}
            error={fieldError(save.error, 'description')}
            onChange={(event) => set({ description: event.currentTarget.value })}
          />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <CronField value={values.cron} error={fieldError(save.error, 'cron')} onChange={(cron) => set({ cron })} />
            <Select
              label="Time zone"
              searchable
              allowDeselect={false}
              data={zoneNames(values.timeZone)}
              value={values.timeZone}
              error={fieldError(save.error, 'timeZone')}
              onChange={(timeZone) => timeZone !== null && set({ timeZone })}
            />
            <TextInput label="Sender’s name" placeholder={newsletter.effective.fromName} {...text('fromName')} />
            <TextInput
              label="Sender’s address"
              type="email"
              placeholder={newsletter.effective.fromAddress}
              {...text('fromAddress')}
            />
            <TextInput label="Answers go to" type="email" placeholder="the sender’s address" {...text('replyTo')} />
            <TextInput label="Imprint" type="url" placeholder="https://" {...text('imprintUrl')} />
          </SimpleGrid>
          <Textarea
            label="Postal address"
            description="At the foot of every issue and campaign. Without it none is sent."
            autosize
            minRows={2}
            placeholder={newsletter.effective.postalAddress ?? ''}
            value={values.postalAddress ?? ''}
            error={fieldError(save.error, 'postalAddress')}
            onChange={(event) => set({ postalAddress: event.currentTarget.value })}
          />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Autocomplete
              label="Language"
              description="Of the issues and of the words around them. A tag such as de-AT sets how dates are written."
              data={(languages.data ?? []).map(({ tag }) => tag)}
              renderOption={({ option }) =>
                languages.data?.find(({ tag }) => tag === option.value)?.name ?? option.value
              }
              // All of them, whatever the field holds: it holds one of them already.
              filter={({ options }) => options}
              comboboxProps={{ withinPortal: false }}
              value={values.locale}
              error={fieldError(save.error, 'locale')}
              onChange={(locale) => set({ locale })}
            />
            <NumberInput
              label="Articles in a section, at most"
              description="Sections may say otherwise."
              min={1}
              max={50}
              allowDecimal={false}
              value={values.maxPerSection}
              error={fieldError(save.error, 'maxPerSection')}
              onChange={(value) => typeof value === 'number' && set({ maxPerSection: value })}
            />
          </SimpleGrid>
          <TimingFields
            value={{ localTime: values.localTime, window: values.sendWindow }}
            onChange={({ localTime, window }) =>
              set({
                ...(localTime === undefined ? {} : { localTime }),
                ...(window === undefined ? {} : { sendWindow: window }),
              })
            }
            localLabel="Issues leave by each reader’s own clock"
            localDescription={`At the time of the schedule in their zone; whoever is past it gets the issue at once. Readers whose zone is not known have ${values.timeZone}.`}
            zone={values.timeZone}
            error={fieldError(save.error, 'sendWindow')}
          />
          <Checkbox
            label="Anybody can subscribe on the signup page"
            checked={values.isPublic}
            onChange={(event) => set({ isPublic: event.currentTarget.checked })}
          />
          <OptInField value={values} error={fieldError(save.error, 'optInReason')} onChange={set} />
          <Group justify="flex-end">
            {Object.keys(changes).length > 0 && (
              <Text size="sm" c="dimmed">
                Not saved yet
              </Text>
            )}
            <Button type="submit" loading={save.isPending} disabled={Object.keys(changes).length === 0}>
              Save settings
            </Button>
          </Group>
        </Stack>
      </form>
    </section>
  );
}
