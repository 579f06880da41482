import {
  Button,
  ColorInput,
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
import type { Look, LookPreview } from '../../api/digest-types.ts';
import { announce } from '../../parts/announce.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';
import { ColorNotes } from './color-notes.tsx';
import { MailWarnings } from './issue-mail.tsx';
import { useTriedLook } from './use-tried-look.ts';

const FIELDS = ['logoUrl', 'logoAlt', 'logoWidth', 'accentColor', 'backgroundColor', 'footerText'] as const;
const SHOWN = {
  next: 'With the articles of the next issue.',
  last: 'With the articles of the last issue.',
  sample: 'With made-up articles, until there are some.',
} as const;

/** What mails and archive pages look like, beside a mail with what is on the screen. */
export function BrandForm({ newsletterId }: { readonly newsletterId: number }) {
  const look = useQuery({
    queryKey: ['brand', newsletterId],
    queryFn: async (): Promise<Look> => {
      const [brand, { layout }] = await Promise.all([api.brand(newsletterId), api.digestRules(newsletterId)]);
      return { ...brand, layout };
    },
  });
  return <Loaded query={look}>{(saved) => <LookForm newsletterId={newsletterId} saved={saved} />}</Loaded>;
}

function LookForm({ newsletterId, saved }: { readonly newsletterId: number; readonly saved: Look }) {
  const queryClient = useQueryClient();
  const { draft: changes, change, settle } = useStoredDraft<Partial<Look>>(`brand-${newsletterId}`, {});
  const save = useMutation({
    mutationFn: async () => {
      const { layout, ...brand } = changes;
      await api.changeBrand(newsletterId, brand);
      if (layout !== undefined) {
        await api.changeDigestRules(newsletterId, { layout });
      }
    },
    onSuccess: async () => {
      await Promise.all(
        ['brand', 'digest-rules', 'next-issue', 'look-preview'].map((name) =>
          queryClient.invalidateQueries({ queryKey: [name, newsletterId] }),
        ),
      );
      settle({});
      announce('Saved. Mails look like this from now on.');
    },
  });
  const preview = useTriedLook(newsletterId, changes);
  const hasChanges = Object.keys(changes).length > 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <section className="sheet" aria-label="Look">
        <form onSubmit={submit}>
          <Stack>
            <Title order={2} size="h3">
              Look of the mails
            </Title>
            <ProblemNote error={save.error} fields={FIELDS} />
            <LookFields values={{ ...saved, ...changes }} error={save.error ?? preview.error} onChange={change} />
            <ColorNotes preview={preview.data} />
            <Group gap="sm">
              <Button type="submit" loading={save.isPending} disabled={!hasChanges}>
                Save
              </Button>
              <Button variant="default" disabled={!hasChanges} onClick={() => settle({})}>
                Discard
              </Button>
            </Group>
          </Stack>
        </form>
      </section>
      <section className="sheet beside" aria-label="How a mail looks">
        <Stack gap="sm">
          <Group justify="space-between" gap="xs">
            <Title order={2} size="h3">
              How a mail looks
            </Title>
            <Text size="sm" c="dimmed">
              {hasChanges ? 'as on this screen, not saved yet' : 'as it is saved'}
            </Text>
          </Group>
          <ProblemNote error={preview.error} fields={FIELDS} />
          {preview.data !== undefined && <Preview preview={preview.data} />}
        </Stack>
      </section>
    </SimpleGrid>
  );
}

function Preview({ preview }: { readonly preview: LookPreview }) {
  return (
    <>
      <Text size="sm" c="dimmed">
        {SHOWN[preview.shows]}
      </Text>
      <MailWarnings warnings={preview.warnings} />
      <MailFrame title="A mail in this look" html={preview.html} />
    </>
  );
}

interface LookFieldsProps {
  readonly values: Look;
  readonly error: Error | null;
  readonly onChange: (changes: Partial<Look>) => void;
}

function LookFields({ values, error, onChange }: LookFieldsProps) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label="Layout"
          allowDeselect={false}
          data={[
            { value: 'edition', label: 'Edition, with pictures' },
            { value: 'plain', label: 'Plain, words alone' },
          ]}
          value={values.layout}
          onChange={(layout) => layout !== null && onChange({ layout })}
        />
        <Select
          label="Type"
          allowDeselect={false}
          data={[
            { value: 'serif', label: 'Serif, as in a paper' },
            { value: 'sans', label: 'Sans serif' },
          ]}
          value={values.font}
          onChange={(font) => font !== null && onChange({ font })}
        />
        <ColorInput
          withEyeDropper={false}
          label="Colour of links and lines"
          placeholder="ours"
          value={values.accentColor ?? ''}
          error={fieldError(error, 'accentColor')}
          onChange={(accentColor) => onChange({ accentColor })}
        />
        <ColorInput
          withEyeDropper={false}
          label="Background"
          placeholder="ours"
          value={values.backgroundColor ?? ''}
          error={fieldError(error, 'backgroundColor')}
          onChange={(backgroundColor) => onChange({ backgroundColor })}
        />
        <TextInput
          label="Logo"
          description="Shown instead of the name. From an https address."
          type="url"
          placeholder="https://"
          value={values.logoUrl ?? ''}
          error={fieldError(error, 'logoUrl')}
          onChange={(event) => onChange({ logoUrl: event.currentTarget.value })}
        />
        <TextInput
          label="Logo in words"
          description="For readers who do not see pictures."
          maxLength={200}
          value={values.logoAlt}
          error={fieldError(error, 'logoAlt')}
          onChange={(event) => onChange({ logoAlt: event.currentTarget.value })}
        />
        <NumberInput
          label="Width of the logo"
          description="In px, as it is shown."
          min={40}
          max={552}
          allowDecimal={false}
          value={values.logoWidth ?? ''}
          error={fieldError(error, 'logoWidth')}
          onChange={(width) => onChange({ logoWidth: typeof width === 'number' ? width : null })}
        />
      </SimpleGrid>
      <Textarea
        label="Footer"
        description="Above the postal address."
        autosize
        minRows={2}
        maxLength={1000}
        value={values.footerText ?? ''}
        error={fieldError(error, 'footerText')}
        onChange={(event) => onChange({ footerText: event.currentTarget.value })}
      />
    </>
  );
}
