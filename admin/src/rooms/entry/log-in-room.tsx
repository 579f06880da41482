import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Navigate, useLocation } from 'react-router';
import { api } from '../../api/api.ts';
import { ApiProblem } from '../../api/client.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useNow } from '../../parts/use-now.ts';
import { SESSION_KEY } from '../../query-client.ts';
import { useSession } from '../../session.ts';
import { EntrySheet } from './entry-sheet.tsx';

export function LogInRoom() {
  const session = useSession();
  const { state } = useLocation() as { readonly state: { readonly from?: string } | null };
  if (session.data?.admin) {
    return <Navigate to={state?.from ?? '/'} replace />;
  }
  return (
    <EntrySheet title="Sign in" insecure={session.data?.insecureTransport}>
      {session.data?.needsSetup === true && (
        <Text>
          There is no admin yet. Open the link that the terminal printed when Courant started, or run{' '}
          <code>npm run -s courant -- admin create --email YOU</code>.
        </Text>
      )}
      <LogInForm />
    </EntrySheet>
  );
}

function LogInForm() {
  const queryClient = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [lockedUntilMs, setLockedUntilMs] = useState(0);
  const waitSeconds = Math.ceil((lockedUntilMs - useNow(500)) / 1000);
  const logIn = useMutation({
    mutationFn: api.logIn,
    onSuccess: (session) => {
      queryClient.setQueryData(SESSION_KEY, session);
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.retryAfterSeconds !== undefined) {
        setLockedUntilMs(Date.now() + error.retryAfterSeconds * 1000);
      }
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    logIn.mutate({ email, password });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={logIn.error} />
        <TextInput
          label="Mail address"
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={logIn.isPending} disabled={waitSeconds > 0}>
          {waitSeconds > 0 ? `Wait ${waitSeconds} s` : 'Sign in'}
        </Button>
      </Stack>
    </form>
  );
}
