import { Anchor, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { api } from '../../api/api.ts';
import { ApiProblem } from '../../api/client.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useSession } from '../../session.ts';
import { EntrySheet } from './entry-sheet.tsx';
import { SetUpForm } from './set-up-form.tsx';

/** The token stands behind `#`, which no browser sends to a server; it is taken out of the address at once. */
function useLinkToken(): string {
  const [token] = useState(() => globalThis.location.hash.slice(1));
  useEffect(() => {
    globalThis.history.replaceState(globalThis.history.state, '', globalThis.location.pathname);
  }, []);
  return token;
}

export function SetUpRoom() {
  const token = useLinkToken();
  const session = useSession();
  const link = useQuery({
    queryKey: ['setup', token],
    queryFn: () => api.checkSetupLink(token),
    retry: false,
    staleTime: Infinity,
  });
  const insecure = session.data?.insecureTransport;
  if (link.data !== undefined) {
    return (
      <EntrySheet
        title={link.data.kind === 'first-admin' ? 'Welcome. This is yours now.' : 'Choose your password'}
        promise={
          link.data.kind === 'first-admin' ? 'You are the first to come in. Who are you, and where?' : link.data.address
        }
        insecure={insecure}
      >
        <SetUpForm token={token} address={link.data.kind === 'invited' ? link.data.address : undefined} />
      </EntrySheet>
    );
  }
  if (link.error === null) {
    return (
      <EntrySheet title="One moment" insecure={insecure}>
        <Loader aria-label="Checking the link" />
      </EntrySheet>
    );
  }
  const isSpent = link.error instanceof ApiProblem && link.error.code === 'setup_link_invalid';
  return (
    <EntrySheet title={isSpent ? 'This link does not work any more' : 'Not now'} insecure={insecure}>
      {isSpent ? <Text>{link.error.message}</Text> : <ProblemNote error={link.error} />}
      <Anchor component={Link} to="/login">
        Sign in
      </Anchor>
    </EntrySheet>
  );
}
