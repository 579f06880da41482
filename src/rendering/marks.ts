import type { MergeField } from './merge-fields.ts';
import type { Segment, Slot } from './segments.ts';

/**
 * While a mail is compiled its slots are marks: words of letters and digits that Markdown, MJML, the HTML parsers and
 * the text writer all carry through untouched. The nonce comes from a hash over the whole input, so no feed can write one.
 */
export interface Marks {
  /** A word that stands for a reader's value. */
  slot(field: MergeField, fallback: string | null): string;
  /** A word that stands for a text known now, which is escaped for the place it lands in. */
  literal(text: string): string;
  /** True if `source` holds a mark for the field. */
  has(source: string, field: MergeField): boolean;
  /** True if `source` holds a mark for this text known now, or the text itself. */
  hasLiteral(source: string, text: string): boolean;
  /** True if an address begins with a mark that stands for a whole address. */
  beginsWithAddress(value: string): boolean;
  /** Cuts a finished part at its marks. */
  split(source: string, kind: 'html' | 'text', escape: (text: string) => string): Segment[];
}

interface Mark {
  readonly field: MergeField | null;
  readonly text: string | null;
}

/** In an address that has begun, a reader's own words must be percent-encoded. */
const INSIDE_ADDRESS = /(?:(?:https?|mailto):[^\s"'<>]*|\b(?:href|src)\s*=\s*(?:"[^"]*|'[^']*))$/i;
const LOOK_BACK = 4000;

export function createMarks(nonce: string): Marks {
  const marks: Mark[] = [];
  const pattern = new RegExp(`mf${nonce}n(\\d+)e`, 'gi');
  const first = new RegExp(`^mf${nonce}n(\\d+)e`, 'i');
  const add = (mark: Mark): string => `mf${nonce}n${marks.push(mark) - 1}e`;

  return {
    slot: (field, fallback) => add({ field, text: fallback }),
    literal: (text) => add({ field: null, text }),
    has: (source, field) => [...source.matchAll(pattern)].some((found) => marks[Number(found[1])]?.field === field),
    hasLiteral: (source, text) =>
      source.includes(text) ||
      [...source.matchAll(pattern)].some(
        (found) => marks[Number(found[1])]?.field === null && marks[Number(found[1])]?.text === text,
      ),
    beginsWithAddress: (value) => {
      const mark = marks[Number(first.exec(value)?.[1])];
      return mark?.field?.startsWith('links.') === true || URL.canParse(mark?.text ?? '');
    },
    split: (source, kind, escape) => {
      const segments: Segment[] = [];
      let position = 0;
      for (const found of source.matchAll(pattern)) {
        const mark = marks[Number(found[1])];
        append(segments, source.slice(position, found.index));
        if (mark !== undefined) {
          const before = source.slice(Math.max(0, found.index - LOOK_BACK), found.index);
          append(segments, resolve(mark, kind, before, escape));
        }
        position = found.index + found[0].length;
      }
      append(segments, source.slice(position));
      return segments;
    },
  };
}

function resolve(mark: Mark, kind: 'html' | 'text', before: string, escape: (text: string) => string): Segment {
  if (mark.field === null) {
    return escape(mark.text ?? '');
  }
  const context: Slot['context'] = mark.field === 'subscriber.name' && INSIDE_ADDRESS.test(before) ? 'url' : kind;
  return { field: mark.field, fallback: mark.text, context };
}

function append(segments: Segment[], next: Segment): void {
  const last = segments.at(-1);
  if (typeof next === 'string' && typeof last === 'string') {
    segments[segments.length - 1] = last + next;
  } else if (next !== '') {
    segments.push(next);
  }
}
