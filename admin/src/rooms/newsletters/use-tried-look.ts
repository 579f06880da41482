import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { Look, LookPreview } from '../../api/digest-types.ts';

const TYPING_PAUSE_MS = 400;

/** A mail in the look that is on the screen, also before it is saved. */
export function useTriedLook(newsletterId: number, changes: Partial<Look>): UseQueryResult<LookPreview> {
  const [tried] = useDebouncedValue(changes, TYPING_PAUSE_MS);
  return useQuery({
    queryKey: ['look-preview', newsletterId, tried],
    queryFn: () => api.previewLook(newsletterId, tried),
    placeholderData: (before) => before,
    gcTime: 0,
  });
}
