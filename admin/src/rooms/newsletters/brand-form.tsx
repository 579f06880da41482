import { Button, ColorInput, NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { Brand, DigestRules } from '../../api/digest-types.ts';
import { announce } from '../../parts/announce.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';
import { NextIssue } from '../home/next-issue.tsx';

const FIELDS = ['logoUrl', 'logoAlt', 'logoWidth', 'accentColor', 'backgroundColor', 'footerText'] as const;
type Look = Brand & Pick<DigestRules, 'layout'>;

/** What mails and archive pages look like, above the next issue as it looks with what is saved. */
export function BrandForm({ newsletterId }: { readonly newsletterId: number }) {
  const look = useQuery({
    queryKey: ['brand', newsletterId],
    queryFn: async (): Promise<Look> => {
      const [brand, { layout }] = await Promise.all([api.brand(newsletterId), api.digestRules(newsletterId)]);
      return { ...brand, layout };
    },
  });
  return (
    <Stack gap="lg">
      <Loaded query={look}>{(saved) => <LookForm newsletterId={newsletterId} saved={saved} />}</Loaded>
      <NextIssue newsletterId={newsletterId} />
    </Stack>
  );
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
        ['brand', 'digest-rules', 'next-issue'].map((name) =>
          queryClient.invalidateQueries({ queryKey: [name, newsletterId] }),
        ),
      );
      settle({});
      announce('Saved. The preview shows it.');
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <section className="sheet" aria-label="Look">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h3">
            Look of the mails
          </Title>
          <ProblemNote error={save.error} fields={FIELDS} />
          <LookFields values={{ ...saved, ...changes }} error={save.error} onChange={change} />
          <Button type="submit" loading={save.isPending} disabled={Object.keys(changes).length === 0} w="fit-content">
            Save and look
          </Button>
        </Stack>
      </form>
    </section>
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
            { value: 'edition', label: 'Edition: with pictures and a lead' },
            { value: 'plain', label: 'Plain: words and links' },
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
