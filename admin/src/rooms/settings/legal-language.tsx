import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api } from '../../api/api.ts';
import type { LegalDocument, LegalDraft, LegalKind } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatInstant } from '../../parts/instants.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useSession, useZone } from '../../session.ts';
import { CHANGE_MARKS, KIND_NAMES, nameLanguage } from './legal-words.ts';

interface LegalLanguageProps {
  readonly kind: LegalKind;
  readonly locale: string;
  /** Newest first. */
  readonly documents: readonly LegalDocument[];
  readonly draft: LegalDraft | undefined;
  readonly counts: ReadonlyMap<number, number>;
  /** With a text of one's own in any language, readers see no sample any more. */
  readonly hasOwn: boolean;
}

/** One text in one language: what is in effect, what comes, what is being written, and what was. */
export function LegalLanguage({ kind, locale, documents, draft, counts, hasOwn }: LegalLanguageProps) {
  const ahead = documents.filter(({ state }) => state === 'scheduled' || state === 'current');
  const past = documents.filter(({ state }) => state === 'earlier' || state === 'withdrawn');
  const name = nameLanguage(locale);
  return (
    <Stack gap="xs" py="md">
      <Group justify="space-between" gap="sm">
        <Title order={3} size="h4">
          {name}
        </Title>
        <Button
          size="compact-sm"
          variant="default"
          component={Link}
          to={`/settings/legal/${kind}/${locale}`}
          aria-label={`${draft === undefined ? 'Write a new version' : 'Edit the draft'}: ${KIND_NAMES[kind]}, ${name}`}
        >
          {draft === undefined ? 'Write a new version' : 'Edit the draft'}
        </Button>
      </Group>
      {draft !== undefined && <DraftLine draft={draft} />}
      {ahead.map((document) => (
        <VersionLine
          key={document.id}
          document={document}
          count={counts.get(document.id) ?? 0}
          isHidden={document.isSample && hasOwn}
        />
      ))}
      {past.length > 0 && (
        <details>
          <summary>{countOf(past.length, 'earlier version')}</summary>
          <Stack gap="xs" pt="xs">
            {past.map((document) => (
              <VersionLine
                key={document.id}
                document={document}
                count={counts.get(document.id) ?? 0}
                isHidden={false}
              />
            ))}
          </Stack>
        </details>
      )}
    </Stack>
  );
}

function DraftLine({ draft }: { readonly draft: LegalDraft }) {
  const zone = useZone();
  const { data: session } = useSession();
  const isMine = draft.updatedBy === `admin:${session?.admin?.id ?? 0}`;
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm">
        {draft.title === '' ? 'No title yet' : draft.title}
        <Text span c="dimmed">
          {' '}
          · saved {formatInstant(draft.updatedAt, zone)} by {isMine ? 'you' : draft.updatedBy.replace(':', ' ')}
        </Text>
      </Text>
      <StatusMark status="draft" />
    </Group>
  );
}

interface VersionLineProps {
  readonly document: LegalDocument;
  readonly count: number;
  readonly isHidden: boolean;
}

function VersionLine({ document, count, isHidden }: VersionLineProps) {
  const zone = useZone();
  const isPublic = document.state === 'current' || document.state === 'earlier';
  return (
    <Group justify="space-between" gap="xs">
      <Stack gap={0} miw={0} flex="1 1 16rem">
        <Text size="sm">
          {isPublic ? (
            <Anchor href={document.url} target="_blank" rel="noreferrer" inherit>
              {document.title}
            </Anchor>
          ) : (
            document.title
          )}
        </Text>
        <Text size="sm" c="dimmed">
          Version {document.version} · from {formatInstant(document.publishedAt, zone)} ·{' '}
          {document.isSample ? '' : `${CHANGE_MARKS[document.change]} · `}
          <Anchor component={Link} to={`/settings/legal/versions/${document.id}`} inherit>
            {document.kind === 'terms'
              ? `accepted by ${count === 0 ? 'nobody' : countOf(count, 'subscriber')}`
              : 'look at it'}
          </Anchor>
        </Text>
      </Stack>
      <Group gap="xs">
        {document.isSample && <StatusMark status="sample" />}
        {isHidden ? <StatusMark status="hidden" /> : <StatusMark status={document.state} />}
        {document.state === 'scheduled' && <Withdraw document={document} />}
      </Group>
    </Group>
  );
}

function Withdraw({ document }: { readonly document: LegalDocument }) {
  const queryClient = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => api.withdrawLegalDocument(document.id),
    onSuccess: async () => {
      announce(`Version ${document.version} is withdrawn.`);
      await queryClient.invalidateQueries({ queryKey: ['legal'] });
    },
  });
  return (
    <ConfirmButton
      label="Withdraw …"
      title={`Withdraw version ${document.version}?`}
      question="It will never take effect, and its number is not used again. You can begin a new draft from its text."
      confirmLabel="Withdraw"
      action={withdraw}
      buttonProps={{ size: 'compact-sm' }}
    />
  );
}
