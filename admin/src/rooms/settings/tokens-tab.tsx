import {
  Button,
  Checkbox,
  Code,
  CopyButton,
  Group,
  NumberInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { ApiToken } from '../../api/types.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { formatDistance, formatInstant } from '../../parts/instants.ts';
import { Note } from '../../parts/note.tsx';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useZone } from '../../session.ts';

const SCOPES = [
  ...['newsletters', 'subscribers', 'campaigns', 'system'].flatMap((name) => [`${name}:read`, `${name}:write`]),
  'evidence:read',
];

export function TokensTab() {
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: api.tokens });
  return (
    <Stack gap="lg">
      <NewToken />
      <Loaded query={tokens}>
        {(list) => (
          <section className="sheet" aria-label="Tokens">
            <div className="list-rows">
              {list.map((token) => (
                <Row key={token.id} token={token} />
              ))}
            </div>
            {list.length === 0 && <Text c="dimmed">No token yet. Scripts need one; this app does not.</Text>}
          </section>
        )}
      </Loaded>
    </Stack>
  );
}

function Row({ token }: { readonly token: ApiToken }) {
  const queryClient = useQueryClient();
  const now = useNow(60_000);
  const zone = useZone();
  const revoke = useMutation({
    mutationFn: () => api.revokeToken(token.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const isOver = token.revokedAt !== null || new Date(token.expiresAt).getTime() <= now;
  return (
    <Group justify="space-between" py="md" gap="sm">
      <Stack gap={2} flex="1 1 18rem" miw={0}>
        <span className="row-title">{token.name}</span>
        <Text size="sm" c="dimmed">
          <Code>{token.prefix}…</Code> · {token.scopes.join(', ')}
        </Text>
        <Text size="sm" c="dimmed">
          {token.lastUsedAt === null ? 'Never used' : `Used ${formatDistance(token.lastUsedAt, now)}`} ·{' '}
          {token.revokedAt === null
            ? `${isOver ? 'ended' : 'ends'} ${formatInstant(token.expiresAt, zone)}`
            : `revoked ${formatInstant(token.revokedAt, zone)}`}
        </Text>
      </Stack>
      {!isOver && (
        <ConfirmButton
          label="Revoke"
          title={`Revoke “${token.name}”?`}
          question="Whatever uses it stops working at once."
          confirmLabel="Revoke"
          action={revoke}
          buttonProps={{ size: 'xs' }}
        />
      )}
    </Group>
  );
}

function NewToken() {
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [expiresInDays, setDays] = useState(90);
  const create = useMutation({
    mutationFn: () => api.createToken({ name, scopes, expiresInDays }),
    onSuccess: async () => {
      setName('');
      setScopes([]);
      await queryClient.invalidateQueries({ queryKey: ['tokens'] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <section className="sheet">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h3">
            New API token
          </Title>
          <ProblemNote error={create.error} fields={['name', 'scopes', 'expiresInDays']} />
          <Group align="flex-start" gap="sm">
            <TextInput
              label="What it is for"
              required
              withAsterisk={false}
              flex="1 1 14rem"
              maxLength={120}
              value={name}
              error={fieldError(create.error, 'name')}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NumberInput
              label="Days until it ends"
              flex="0 1 10rem"
              min={1}
              max={730}
              allowDecimal={false}
              value={expiresInDays}
              error={fieldError(create.error, 'expiresInDays')}
              onChange={(days) => typeof days === 'number' && setDays(days)}
            />
          </Group>
          <Checkbox.Group
            label="What it may do"
            value={[...scopes]}
            error={fieldError(create.error, 'scopes')}
            onChange={setScopes}
          >
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt="xs">
              {SCOPES.map((scope) => (
                <Checkbox key={scope} value={scope} label={scope} />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          <Group justify="flex-end">
            <Button type="submit" loading={create.isPending} disabled={scopes.length === 0}>
              Make it
            </Button>
          </Group>
          {create.data !== undefined && <Secret secret={create.data.secret} />}
        </Stack>
      </form>
    </section>
  );
}

function Secret({ secret }: { readonly secret: string }) {
  return (
    <Note role="status" tone="good" title="Copy it now: it is not shown again">
      <Group gap="sm">
        <Code style={{ overflowWrap: 'anywhere' }}>{secret}</Code>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Note>
  );
}
