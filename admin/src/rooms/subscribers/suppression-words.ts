import type { Suppression } from '../../api/types.ts';

export const SUPPRESSION_REASONS: Readonly<Record<Suppression['reason'], string>> = {
  'hard-bounce': 'Its server said that the address does not exist',
  complaint: 'The reader reported a mail as spam',
  manual: 'Closed by hand',
  erasure: 'The reader asked to be forgotten',
};

/** Why there is no button. */
export const KEPT_CLOSED: Readonly<Partial<Record<Suppression['reason'], string>>> = {
  complaint: 'Stays closed.',
  erasure: 'Opens only when the reader signs up and confirms.',
};
