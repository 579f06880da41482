import { createLogicCollector } from './logic/collect-logic.ts';
import type { AuthorSource, LogicCollector } from './logic/collect-logic.ts';
import type { Mark, TagMark } from './mark.ts';
import type { MergeField } from './merge-fields.ts';
import type { Segment, Slot } from './segments.ts';
import { splitAtMarks } from './split-at-marks.ts';

/**
 * While a mail is compiled its slots are marks: words of letters and digits that Markdown, MJML, the HTML parsers and
 * the text writer all carry through untouched. The nonce comes from a hash over the whole input, so no feed can write one.
 */
export interface Marks {
  /** A word that stands for a reader's value. */
  slot(field: MergeField, fallback: string | null): string;
  /** A word that stands for a text known now, which is escaped for the place it lands in. */
  literal(text: string): string;
  /** A word that stands for what an expression comes to for a reader. */
  value(source: AuthorSource, text: string): string;
  tag(mark: Omit<TagMark, 'kind'>): string;
  readonly logic: LogicCollector;
  /** True if `source` holds a mark for the field that every reader gets, outside of all blocks. */
  has(source: string, field: MergeField): boolean;
  /** The same for a mark for this text known now, or the text itself. */
  hasLiteral(source: string, text: string): boolean;
  /** True if an address begins with a mark that stands for a whole address. */
  beginsWithAddress(value: string): boolean;
  wordOf(mark: Mark): string;
  /** Cuts at the marks: every other piece is text. */
  cut(source: string): readonly (string | Mark)[];
  /** Does something to a text while each tag is as short as a letter: what counts letters must not count tags. */
  withShortTags(source: string, transform: (short: string) => string): string;
  /** A text for the author, with what they wrote in place of the marks. */
  describe(text: string): string;
  /** The same source with each tag for which `isWanted` holds between two texts. */
  wrapTags(source: string, isWanted: (tag: TagMark) => boolean, wrap: (word: string) => string): string;
  /** A finished part as segments. */
  split(source: string, kind: 'html' | 'text', escape: (text: string) => string): Segment[];
}

/** In an address that has begun, a reader's own words must be percent-encoded. */
const INSIDE_ADDRESS = /(?:(?:https?|mailto):[^\s"'<>]*|\b(?:href|src)\s*=\s*(?:"[^"]*|'[^']*))$/i;
const LOOK_BACK = 4000;

/** A plane of Unicode for private use, which no font and no feed has letters in. */
const FIRST_SHORT_TAG = 0xf0000;
const SHORT_TAG = /[\u{F0000}-\u{FFFFD}]/gu;
const SHORT_TAGS = /[\u{F0000}-\u{FFFFD}]/u;

export function createMarks(nonce: string): Marks {
  const marks: Mark[] = [];
  const logic = createLogicCollector();
  const pattern = new RegExp(`mf${nonce}n(\\d+)e`, 'gi');
  const writeWord = (index: number): string => `mf${nonce}n${index}e`;
  const add = (mark: Mark): string => writeWord(marks.push(mark) - 1);

  function cut(source: string): (string | Mark)[] {
    // With one group in the pattern every other piece is the number of a mark.
    return source.split(pattern).map((piece, index) => (index % 2 === 0 ? piece : (marks[Number(piece)] ?? '')));
  }

  return {
    logic,
    cut,
    wordOf: (mark) => writeWord(marks.indexOf(mark)),
    slot: (field, fallback) => add({ kind: 'slot', field, fallback }),
    literal: (text) => add({ kind: 'literal', text }),
    value: (source, text) => add({ kind: 'value', source: logic.addSource(source), text }),
    tag: (mark) => add({ kind: 'tag', ...mark }),
    has: (source, field) => outsideBlocks(cut(source)).some((piece) => isMark(piece, 'slot') && piece.field === field),
    hasLiteral: (source, text) => {
      const pieces = outsideBlocks(cut(source));
      return pieces.some((piece) =>
        typeof piece === 'string' ? piece.includes(text) : isMark(piece, 'literal') && piece.text === text,
      );
    },
    beginsWithAddress: (value) => {
      const [before, mark] = cut(value);
      if (before !== '' || mark === undefined) {
        return false;
      }
      return isMark(mark, 'slot')
        ? mark.field.startsWith('links.')
        : isMark(mark, 'literal') && URL.canParse(mark.text);
    },
    withShortTags: (source, transform) => {
      const isTaken = SHORT_TAGS.test(source);
      const short = isTaken
        ? source
        : source.replace(pattern, (word, index: string) =>
            marks[Number(index)]?.kind === 'tag' ? String.fromCodePoint(FIRST_SHORT_TAG + Number(index)) : word,
          );
      const result = transform(short);
      return isTaken
        ? result
        : result.replace(SHORT_TAG, (letter) => writeWord((letter.codePointAt(0) ?? 0) - FIRST_SHORT_TAG));
    },
    describe: (text) =>
      cut(text)
        .map((piece) => (typeof piece === 'string' ? piece : describeMark(piece)))
        .join(''),
    wrapTags: (source, isWanted, wrap) =>
      source.replace(pattern, (word, index: string) => {
        const mark = marks[Number(index)];
        return mark?.kind === 'tag' && isWanted(mark) ? wrap(word) : word;
      }),
    split: (source, kind, escape) => {
      const contextAt = (position: number): Slot['context'] => {
        const before = source.slice(Math.max(0, position - LOOK_BACK), position);
        return INSIDE_ADDRESS.test(before) ? 'url' : kind;
      };
      const pieces: { piece: string | Mark; at: number }[] = [];
      let end = 0;
      for (const found of source.matchAll(pattern)) {
        pieces.push({ piece: source.slice(end, found.index), at: end });
        pieces.push({ piece: marks[Number(found[1])] ?? '', at: found.index });
        end = found.index + found[0].length;
      }
      pieces.push({ piece: source.slice(end), at: end });
      return splitAtMarks(pieces, { logic, kind, escape, contextAt });
    },
  };
}

function isMark<Kind extends Mark['kind']>(piece: string | Mark, kind: Kind): piece is Extract<Mark, { kind: Kind }> {
  return typeof piece !== 'string' && piece.kind === kind;
}

/** What stands in a block is not for every reader. */
function outsideBlocks(pieces: readonly (string | Mark)[]): readonly (string | Mark)[] {
  let block: number | undefined;
  return pieces.filter((piece) => {
    if (isMark(piece, 'tag')) {
      block ??= piece.block;
      if (piece.block === block && piece.arm === null) {
        block = undefined;
      }
      return false;
    }
    return block === undefined;
  });
}

function describeMark(mark: Mark): string {
  switch (mark.kind) {
    case 'slot':
      return `{{ ${mark.field} }}`;
    case 'literal':
    case 'value':
    case 'tag':
      return mark.text;
    default:
      return mark satisfies never;
  }
}
