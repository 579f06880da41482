import { QueryCache, MutationCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './api/client.ts';
import type { Session } from './api/types.ts';

export const SESSION_KEY = ['session'] as const;

/** A stale session is noticed at the first answer that says so: the session is then empty and the shell shows the sign-in. */
export function createQueryClient(): QueryClient {
  const noticeEnd = (error: Error): void => {
    if (error instanceof ApiProblem && error.code === 'not_signed_in') {
      client.setQueryData<Session>(SESSION_KEY, (session) => session && { ...session, admin: null });
    }
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: noticeEnd }),
    mutationCache: new MutationCache({ onError: noticeEnd }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What the server refuses stays refused; what did not arrive is tried again.
        retry: (count, error) =>
          count < 2 && (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 500),
      },
      mutations: { retry: false },
    },
  });
  return client;
}
