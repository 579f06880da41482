import type { MergeField } from './merge-fields.ts';
import type { TemplateName } from './templates.ts';

/**
 * A place that differs from reader to reader. `html` escapes for markup and attribute values, `url` percent-encodes for
 * the inside of an address, `text` only removes control characters.
 */
export interface Slot {
  readonly field: MergeField;
  /** What stands there when the reader has no such value; null where none was given. */
  readonly fallback: string | null;
  readonly context: 'html' | 'url' | 'text';
}

/**
 * A compiled part is literal text with slots between. Literals are never looked at again: whatever a feed or an author
 * wrote there, braces included, reaches the reader as it is and cannot be executed.
 */
export type Segment = string | Slot;

/** A mail compiled once for all its readers. Plain JSON, so that it can be stored and keyed by its hash. */
export interface CompiledMail {
  readonly template: TemplateName;
  readonly subject: readonly Segment[];
  readonly preheader: readonly Segment[];
  readonly html: readonly Segment[];
  readonly text: readonly Segment[];
}
