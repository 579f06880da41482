import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { api } from './api/api.ts';
import type { Session } from './api/types.ts';
import { SESSION_KEY } from './query-client.ts';

/** Asked again whenever the window comes back: a session may have ended meanwhile. */
export function useSession(): UseQueryResult<Session> {
  return useQuery({ queryKey: SESSION_KEY, queryFn: api.session, staleTime: 60_000 });
}

/** The zone that instants are shown in: the admin's, else the browser's. */
export function useZone(): string {
  const { data } = useSession();
  return data?.admin?.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
