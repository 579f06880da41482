import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import { api } from '../api/api.ts';
import type { Sending } from '../api/campaign-types.ts';

const SENDING_KEY = ['sending'] as const;
/** Somebody else may stop it, or a restore may hold it, while this page is open. */
const LOOK_EVERY_MS = 10_000;

export function useSending(): UseQueryResult<Sending> {
  return useQuery({ queryKey: SENDING_KEY, queryFn: api.sending, refetchInterval: LOOK_EVERY_MS });
}

export function useSteerSending(
  action: Parameters<typeof api.steerSending>[0],
): UseMutationResult<Sending, Error, void> {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => api.steerSending(action),
    onSuccess: (state) => queryClient.setQueryData(SENDING_KEY, state),
  });
}
