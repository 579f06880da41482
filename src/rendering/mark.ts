import type { AuthorSource } from './logic/collect-logic.ts';
import type { MergeField } from './merge-fields.ts';

/** A tag of a block of logic, such as `{% else %}`. */
export interface TagMark {
  readonly kind: 'tag';
  readonly block: number;
  /** The arm that begins here; null at the end of the block, -1 between `case` and its first `when`. */
  readonly arm: number | null;
  /** As the author wrote it, and where. */
  readonly text: string;
  readonly where: AuthorSource['where'];
  readonly line: number;
}

export type Mark =
  | { readonly kind: 'slot'; readonly field: MergeField; readonly fallback: string | null }
  | { readonly kind: 'literal'; readonly text: string }
  /** `source` is an index of the collector's. */
  | { readonly kind: 'value'; readonly source: number; readonly text: string }
  | TagMark;
