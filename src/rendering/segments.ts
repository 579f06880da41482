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

/** A place that the author wrote logic for. What stands there is worked out for each reader, see `renderLogic`. */
export interface LogicSlot {
  /** Index in `Logic.parts`. */
  readonly logic: number;
  readonly context: Slot['context'];
}

/**
 * A compiled part is literal text with slots between. Literals are never looked at again: whatever a feed or an author
 * wrote there, braces included, reaches the reader as it is and cannot be executed.
 */
export type Segment = string | Slot | LogicSlot;

/** A piece of Liquid that the sandbox evaluates once for each reader. It holds no markup and no secret. */
export interface LogicSource {
  readonly liquid: string;
  /** True if it prints the reader's name and has no default. */
  readonly needsName: boolean;
}

/**
 * `value` is printed. A `branch` prints one of its arms, which are compiled like the rest of the mail: its Liquid answers only which
 * (`1;`), so that nothing but a number comes back from the sandbox.
 */
export type LogicPart =
  | { readonly kind: 'value'; readonly source: number; readonly context: Slot['context'] }
  | { readonly kind: 'branch'; readonly source: number; readonly arms: readonly (readonly Segment[])[] };

/** The logic of a mail that has some. */
export interface Logic {
  readonly sources: readonly LogicSource[];
  readonly parts: readonly LogicPart[];
  /** What is the same for all readers: `newsletter` by field, and the language of readers who chose none. */
  readonly newsletter: Readonly<Record<string, string>>;
  readonly locale: string;
}

/** A mail compiled once for all its readers. Plain JSON, so that it can be stored and keyed by its hash. */
export interface CompiledMail {
  readonly template: TemplateName;
  readonly subject: readonly Segment[];
  readonly preheader: readonly Segment[];
  readonly html: readonly Segment[];
  readonly text: readonly Segment[];
  readonly logic?: Logic;
}
