import { useQueryClient } from '@tanstack/react-query';

/** Looks again at all that changes with the articles of a newsletter. */
export function useContentChange(newsletterId: number): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all([
      ...['feeds', 'articles', 'next-issue'].map((name) =>
        queryClient.invalidateQueries({ queryKey: [name, newsletterId] }),
      ),
      queryClient.invalidateQueries({ queryKey: ['overview'] }),
    ]);
  };
}
