import { Group, Select, Stack, Text, Title, useComputedColorScheme } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import type { Newsletter, SignupCode } from '../../api/types.ts';
import { CodeSample } from '../../parts/code-sample.tsx';
import { Note } from '../../parts/note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { SignupOrigins } from './signup-origins.tsx';

/** How readers come to this newsletter: its page, the element for article pages, the form without JavaScript. */
export function SignupFormTab({ newsletter }: { readonly newsletter: Newsletter }) {
  const [locale, setLocale] = useState<string>();
  const code = useQuery({
    queryKey: ['signup-code', newsletter.id, newsletter.slug, locale],
    queryFn: () => api.signupCode(newsletter.id, locale),
    placeholderData: keepPreviousData,
    enabled: newsletter.isPublic,
  });
  if (!newsletter.isPublic) {
    return (
      <Note tone="wait" title="Nobody can subscribe by themselves">
        <p>This newsletter is not public, so it has no page and no form. Settings has the box that opens it.</p>
      </Note>
    );
  }
  return (
    <Stack gap="lg">
      <Loaded query={code}>{(data) => <Code newsletter={newsletter} code={data} onLocale={setLocale} />}</Loaded>
      <SignupOrigins />
    </Stack>
  );
}

interface CodeProps {
  readonly newsletter: Newsletter;
  readonly code: SignupCode;
  readonly onLocale: (locale: string) => void;
}

function Code({ newsletter, code, onLocale }: CodeProps) {
  const scheme = useComputedColorScheme('light');
  return (
    <section className="sheet">
      <Stack>
        <Group justify="space-between" align="flex-end">
          <Title order={2} size="h3">
            Sign-up form
          </Title>
          <Select
            label="Language of the form"
            allowDeselect={false}
            data={code.locales.map(({ tag, name }) => ({ value: tag, label: name }))}
            value={code.locale}
            onChange={(tag) => tag !== null && onLocale(tag)}
          />
        </Group>
        <CodeSample title="Its own page" code={code.pageUrl}>
          <Text size="sm" c="dimmed" mb="xs">
            For links, bios and printed codes.{' '}
            <a href={code.pageUrl} target="_blank" rel="noreferrer">
              Open it
            </a>
          </Text>
        </CodeSample>
        <CodeSample title="In article pages" code={code.embedCode}>
          <Text size="sm" c="dimmed" mb="xs">
            Paste it where the form should stand, and name the site below. No cookie, nothing stored in the browser;
            what stands inside is shown where scripts are off.
          </Text>
        </CodeSample>
        {/* Our own page, which asks our own API: a sandbox would make it a stranger there. */}
        {/* oxlint-disable-next-line react/iframe-missing-sandbox */}
        <iframe
          key={code.previewUrl + scheme}
          className="form-preview"
          title={`The form of ${newsletter.name}, to look at: it signs nobody up`}
          src={`${code.previewUrl}&theme=${scheme}`}
        />
        <CodeSample title="Without JavaScript" code={code.snippet}>
          <Text size="sm" c="dimmed" mb="xs">
            A plain form for pages that allow no scripts; it works from a cached page and from any site. It leads to our
            page, where one more press subscribes. Copy it again when you have changed the cadence or a legal text.
          </Text>
        </CodeSample>
      </Stack>
    </section>
  );
}
