import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { ApiProblem } from '../../api/client.ts';
import type { IssueDetail } from '../../api/digest-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';
import { changesOf, draftOf, isChanged } from './issue-draft.ts';
import type { IssueDraft } from './issue-draft.ts';

export interface IssueDraftDesk {
  readonly draft: IssueDraft;
  /** It differs from what is saved. */
  readonly hasChanges: boolean;
  /** Somebody else has saved meanwhile: it cannot be saved over theirs. */
  readonly isStale: boolean;
  readonly save: UseMutationResult<void, Error, void>;
  change(changes: Partial<IssueDraft>): void;
  discard(): void;
}

/** What an editor makes of a waiting issue; what is not saved yet is kept in this browser. */
export function useIssueDraft(issue: IssueDetail, newsletter: Newsletter): IssueDraftDesk {
  const queryClient = useQueryClient();
  const stored = useStoredDraft<IssueDraft>(`issue-${issue.id}`, draftOf(issue, newsletter));
  // What the draft began with, and is compared with.
  const [base, setBase] = useState(issue);
  const hasChanges = isChanged(stored.draft, base, newsletter);
  // Without changes the page follows whatever others save.
  const draft = hasChanges ? stored.draft : draftOf(issue, newsletter);
  const change = (changes: Partial<IssueDraft>): void => {
    if (!hasChanges) {
      setBase(issue);
    }
    stored.change({ ...draft, ...changes });
  };
  const follow = (next: IssueDetail): void => {
    setBase(next);
    stored.settle(draftOf(next, newsletter));
  };
  const save = useMutation({
    mutationFn: async () => {
      await api.editIssue(issue.id, changesOf(draft));
      const queryKey = ['issue', issue.id];
      follow(await queryClient.fetchQuery({ queryKey, queryFn: () => api.issue(issue.id), staleTime: 0 }));
    },
    onSuccess: async () => {
      announce('Issue saved.');
      await queryClient.invalidateQueries({ queryKey: ['issues', newsletter.id] });
    },
    onError: (error) =>
      error instanceof ApiProblem && error.code === 'issue_changed'
        ? queryClient.invalidateQueries({ queryKey: ['issue', issue.id] })
        : undefined,
  });
  const discard = (): void => {
    follow(issue);
    save.reset();
  };
  const isStale = hasChanges && draft.revision !== issue.revision && !save.isPending;
  return { draft, hasChanges, isStale, save, change, discard };
}
