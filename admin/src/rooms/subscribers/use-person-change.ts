import { useQueryClient } from '@tanstack/react-query';

/** What is shown of people is read again. */
export function usePersonChange(): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all(
      ['subscriber', 'subscribers', 'suppressions', 'overview'].map((key) =>
        queryClient.invalidateQueries({ queryKey: [key] }),
      ),
    );
  };
}
