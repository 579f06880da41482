import { Button, PasswordInput, Progress, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/api.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { browserZone, zoneNames } from '../../parts/zones.ts';
import { SESSION_KEY } from '../../query-client.ts';
import { hintAtStrength } from './password-strength.ts';

const COLOURS = ['red', 'red', 'yellow', 'green'] as const;

export function SetUpForm({ token, address }: { readonly token: string; readonly address: string | undefined }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [email, setEmail] = useState(address ?? '');
  const [password, setPassword] = useState('');
  const [timeZone, setTimeZone] = useState(browserZone);
  const setUp = useMutation({
    mutationFn: api.setUp,
    onSuccess: async (session) => {
      queryClient.setQueryData(SESSION_KEY, session);
      await navigate('/', { replace: true });
    },
  });
  const hint = hintAtStrength(password);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setUp.mutate({ token, email, password, timeZone });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={setUp.error} fields={['email', 'password', 'timeZone']} />
        <TextInput
          label="Your mail address"
          description="You sign in with it. A mail asks you to confirm it; test mails go there."
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          readOnly={address !== undefined}
          value={email}
          error={fieldError(setUp.error, 'email')}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Stack gap={6}>
          <PasswordInput
            label="A password"
            autoComplete="new-password"
            required
            withAsterisk={false}
            aria-describedby="password-hint"
            value={password}
            error={fieldError(setUp.error, 'password')}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Progress
            size={4}
            value={password === '' ? 0 : 25 + hint.level * 25}
            color={COLOURS[hint.level] ?? 'gray'}
            aria-hidden="true"
          />
          <Text id="password-hint" size="sm" c="dimmed" aria-live="polite">
            {hint.words}
          </Text>
        </Stack>
        <Select
          label="Your time zone"
          description="Issues go out by this clock, “Mondays at 08:00”. Each newsletter can have its own later."
          data={zoneNames(timeZone)}
          searchable
          allowDeselect={false}
          value={timeZone}
          error={fieldError(setUp.error, 'timeZone')}
          onChange={(zone) => setTimeZone((current) => zone ?? current)}
        />
        <Button type="submit" loading={setUp.isPending}>
          Set up
        </Button>
      </Stack>
    </form>
  );
}
