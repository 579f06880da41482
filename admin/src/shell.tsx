import { AppShell, Burger, Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, Navigate, NavLink, Outlet, useLocation } from 'react-router';
import { api } from './api/api.ts';
import type { Session } from './api/types.ts';
import { CampaignIcon, HomeIcon, NewsletterIcon, SettingsIcon, SubscribersIcon } from './parts/icons.tsx';
import { OneMoment } from './parts/one-moment.tsx';
import { ProblemNote } from './parts/problem-note.tsx';
import { SendingBanner } from './parts/sending-banner.tsx';
import { SESSION_KEY } from './query-client.ts';
import { useSession } from './session.ts';

const ROOMS = [
  { to: '/', label: 'Home', Icon: HomeIcon },
  { to: '/newsletters', label: 'Newsletters', Icon: NewsletterIcon },
  { to: '/subscribers', label: 'Subscribers', Icon: SubscribersIcon },
  { to: '/campaigns', label: 'Campaigns', Icon: CampaignIcon },
  { to: '/settings', label: 'Settings', Icon: SettingsIcon },
] as const;

/** Everything behind the sign-in. Without a session it leads there, and from there back to this address. */
export function Shell() {
  const session = useSession();
  const location = useLocation();
  if (session.data === undefined) {
    return session.error === null ? <OneMoment /> : <ProblemNote error={session.error} />;
  }
  if (session.data.admin === null) {
    return <Navigate to="/login" replace state={{ from: `${location.pathname}${location.search}` }} />;
  }
  return <Rooms session={session.data} admin={session.data.admin} />;
}

function Rooms({ session, admin }: { readonly session: Session; readonly admin: NonNullable<Session['admin']> }) {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: { base: 56, sm: 0 } }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={0}
    >
      <a className="skip-link" href="#room">
        Skip to the content
      </a>
      <AppShell.Header hiddenFrom="sm" px="md">
        <Group h="100%" justify="space-between">
          <Link className="masthead" to="/">
            Courant
          </Link>
          <Burger opened={isOpen} onClick={toggle} size="sm" aria-label="Menu" aria-expanded={isOpen} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="menu" data-folded={!isOpen || undefined} p="md" pe="sm" withBorder>
        <Menu session={session} admin={admin} />
      </AppShell.Navbar>
      <AppShell.Main id="room" bg="var(--paper)">
        <Stack gap="lg" maw={1080} mx="auto" px={{ base: 'md', md: 40 }} py={{ base: 'lg', sm: 36 }}>
          <SendingBanner />
          <Outlet />
        </Stack>
      </AppShell.Main>
    </AppShell>
  );
}

function Menu({ session, admin }: { readonly session: Session; readonly admin: NonNullable<Session['admin']> }) {
  return (
    <Stack h="100%" justify="space-between">
      <Stack gap="lg">
        <Link className="masthead" to="/" style={{ paddingInlineStart: 12 }}>
          Courant
        </Link>
        <Stack component="nav" gap={2} aria-label="Rooms">
          {ROOMS.map(({ to, label, Icon }) => (
            <NavLink key={to} to={to} end={to === '/'} className="room-link">
              <Icon />
              {label}
            </NavLink>
          ))}
        </Stack>
      </Stack>
      <Stack gap={2}>
        <a className="room-link" href="/" target="_blank" rel="noreferrer">
          Signup page ↗
        </a>
        {session.inboxUrl !== null && (
          <a className="room-link" href={session.inboxUrl} target="_blank" rel="noreferrer">
            Local inbox ↗
          </a>
        )}
        {session.insecureTransport && (
          <Text size="xs" c="dimmed" px={12} pb="xs">
            Plain http: fine on this machine, not across a network.
          </Text>
        )}
        <SignOut address={admin.address} />
      </Stack>
    </Stack>
  );
}

function SignOut({ address }: { readonly address: string }) {
  const queryClient = useQueryClient();
  const signOut = useMutation({
    mutationFn: api.logOut,
    onSuccess: () => {
      // Nothing of what was seen stays in memory for whoever comes next.
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
      queryClient.setQueryData<Session>(SESSION_KEY, (session) => session && { ...session, admin: null });
    },
  });
  return (
    <Stack gap={4} px={12} pt="xs" style={{ borderTop: '1px solid var(--rule)' }}>
      <Text size="xs" c="dimmed" truncate title={address}>
        {address}
      </Text>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        px={0}
        style={{ alignSelf: 'flex-start' }}
        loading={signOut.isPending}
        onClick={() => signOut.mutate()}
      >
        Sign out
      </Button>
      <ProblemNote error={signOut.error} />
    </Stack>
  );
}
