import {
  Button,
  Checkbox,
  Fieldset,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { DigestRules } from '../../api/digest-types.ts';
import { announce } from '../../parts/announce.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';

const MAX_HOSTS = 20;
const HOST_FIELDS = ['utm.hosts', ...Array.from({ length: MAX_HOSTS }, (_, index) => `utm.hosts.${index}`)];
const NUMBERS = ['prepareHours', 'minArticles', 'fillTo', 'catchUpHours'];
const FIELDS = [...NUMBERS, 'nextIntro', 'utm.source', 'utm.medium', ...HOST_FIELDS];

interface FieldsProps {
  readonly values: DigestRules;
  readonly error: Error | null;
  readonly onChange: (changes: Partial<DigestRules>) => void;
}

/** How issues come about. Sends only what was changed. */
export function DigestRulesForm({ newsletterId }: { readonly newsletterId: number }) {
  const rules = useQuery({ queryKey: ['digest-rules', newsletterId], queryFn: () => api.digestRules(newsletterId) });
  return <Loaded query={rules}>{(saved) => <RulesForm newsletterId={newsletterId} saved={saved} />}</Loaded>;
}

function RulesForm({ newsletterId, saved }: { readonly newsletterId: number; readonly saved: DigestRules }) {
  const queryClient = useQueryClient();
  const stored = useStoredDraft<Partial<DigestRules>>(`digest-rules-${newsletterId}`, {});
  const { draft: changes, change, settle } = stored;
  const save = useMutation({
    mutationFn: () => api.changeDigestRules(newsletterId, withoutEmptyLines(changes)),
    onSuccess: async (after) => {
      queryClient.setQueryData(['digest-rules', newsletterId], after);
      settle({});
      announce('Saved. It counts from the next issue on.');
      await queryClient.invalidateQueries({ queryKey: ['next-issue', newsletterId] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const props: FieldsProps = { values: { ...saved, ...changes }, error: save.error, onChange: change };
  return (
    <section className="sheet" aria-label="How issues come about">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h3">
            How issues come about
          </Title>
          <ProblemNote error={save.error} fields={FIELDS} />
          <ApprovalFields {...props} />
          <Textarea
            label="Intro of the next issue"
            description="Above the articles, in Markdown, for the next issue alone. Empty: none."
            autosize
            minRows={2}
            maxLength={5000}
            value={props.values.nextIntro ?? ''}
            error={fieldError(save.error, 'nextIntro')}
            onChange={(event) => change({ nextIntro: event.currentTarget.value })}
          />
          <ChoiceFields {...props} />
          <details>
            <summary>More: how many articles, tags on links, archive</summary>
            <Stack pt="md">
              <AmountFields {...props} />
              <ArchiveField {...props} />
              <TagFields {...props} />
            </Stack>
          </details>
          <Button type="submit" loading={save.isPending} disabled={Object.keys(changes).length === 0} w="fit-content">
            Save rules
          </Button>
        </Stack>
      </form>
    </section>
  );
}

function withoutEmptyLines(changes: Partial<DigestRules>): Partial<DigestRules> {
  const { utm, ...others } = changes;
  return utm === undefined
    ? others
    : { ...others, utm: { ...utm, hosts: utm.hosts.filter((host) => host.trim() !== '') } };
}

function ApprovalFields({ values, error, onChange }: FieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Select
        label="Approval"
        description="The first issue always waits for you."
        allowDeselect={false}
        data={[
          { value: 'automatic', label: 'Issues leave by themselves' },
          { value: 'required', label: 'Each issue waits for an editor' },
        ]}
        value={values.approval}
        onChange={(approval) => approval !== null && onChange({ approval })}
      />
      <Select
        label="An issue that still waits at its time"
        description="When nobody has approved it."
        allowDeselect={false}
        data={[
          { value: 'wait', label: 'goes on waiting' },
          { value: 'send', label: 'is sent as it is' },
          { value: 'drop', label: 'is dropped' },
        ]}
        value={values.deadlinePolicy}
        onChange={(deadlinePolicy) => deadlinePolicy !== null && onChange({ deadlinePolicy })}
      />
      <NumberInput
        label="Ready this many hours ahead"
        description="0: at its time; at most 168. Later articles go into the next issue."
        min={0}
        max={168}
        clampBehavior="none"
        allowDecimal={false}
        value={values.prepareHours}
        error={fieldError(error, 'prepareHours')}
        onChange={(hours) => typeof hours === 'number' && onChange({ prepareHours: hours })}
      />
      <Checkbox
        label="Mail the editors when an issue waits"
        checked={values.notifyEditors}
        onChange={(event) => onChange({ notifyEditors: event.currentTarget.checked })}
      />
    </SimpleGrid>
  );
}

function AmountFields({ values, error, onChange }: FieldsProps) {
  const number = (name: 'minArticles' | 'fillTo' | 'catchUpHours') => ({
    allowDecimal: false,
    value: values[name],
    error: fieldError(error, name),
    onChange: (value: number | string) => typeof value === 'number' && onChange({ [name]: value }),
  });
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <NumberInput
        label="Articles, at least"
        description="With fewer the issue is skipped, and you are told."
        min={1}
        max={50}
        {...number('minArticles')}
      />
      <NumberInput
        label="Fill up to"
        description="A thin issue takes earlier articles that had no room. 0: never."
        min={0}
        max={50}
        {...number('fillTo')}
      />
      <NumberInput
        label="Overdue by more than, in hours"
        description="Such an issue waits for an editor."
        min={1}
        max={720}
        {...number('catchUpHours')}
      />
    </SimpleGrid>
  );
}

/** What readers find on their preference page. */
function ChoiceFields({ values, onChange }: FieldsProps) {
  return (
    <Fieldset legend="Readers may choose">
      <Stack gap="sm">
        <Checkbox
          label="which sections they get"
          description="On the page that each mail links to. An issue with nothing for a reader is not sent to them."
          checked={values.offersSections}
          onChange={(event) => onChange({ offersSections: event.currentTarget.checked })}
        />
        <Checkbox
          label="how often it comes"
          description={frequencyWords(values)}
          checked={values.offersFrequency}
          disabled={values.slowerFrequencies.length === 0 && !values.offersFrequency}
          onChange={(event) => onChange({ offersFrequency: event.currentTarget.checked })}
        />
      </Stack>
    </Fieldset>
  );
}

function frequencyWords({ slowerFrequencies }: DigestRules): string {
  if (slowerFrequencies.length === 0) {
    return 'Nothing to offer: this newsletter comes once a month or less.';
  }
  const digests = slowerFrequencies.map((frequency) => (frequency === 'weekly' ? 'a week' : 'a month'));
  return `One digest ${digests.join(' or ')}, with what the issues of that time had, sent with the last of them.`;
}

function ArchiveField({ values, onChange }: FieldsProps) {
  return (
    <Stack gap="xs">
      <Checkbox
        label="Search engines may list the archive"
        checked={values.archiveIndexable}
        onChange={(event) => onChange({ archiveIndexable: event.currentTarget.checked })}
      />
    </Stack>
  );
}

function TagFields({ values, error, onChange }: FieldsProps) {
  const { utm } = values;
  const hostError = HOST_FIELDS.map((field) => fieldError(error, field)).find((found) => found !== undefined);
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <TextInput
        label="Tag links with the source"
        description="utm_source, for your own statistics. Empty: no tags."
        maxLength={100}
        value={utm.source ?? ''}
        error={fieldError(error, 'utm.source')}
        onChange={(event) => onChange({ utm: { ...utm, source: event.currentTarget.value } })}
      />
      <TextInput
        label="Medium"
        description="utm_medium"
        maxLength={100}
        placeholder="email"
        value={utm.medium ?? ''}
        error={fieldError(error, 'utm.medium')}
        onChange={(event) => onChange({ utm: { ...utm, medium: event.currentTarget.value } })}
      />
      <Textarea
        label="On your sites"
        description="One a line, such as example.org."
        autosize
        minRows={1}
        value={utm.hosts.join('\n')}
        error={hostError}
        onChange={(event) => onChange({ utm: { ...utm, hosts: event.currentTarget.value.split('\n') } })}
      />
    </SimpleGrid>
  );
}
