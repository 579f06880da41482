import type { Mark } from '../mark.ts';
import type { Marks } from '../marks.ts';

/** An address with more ways than that is told apart by hand nowhere either. */
const MOST = 64;

/** A text with blocks in it, such as an address, in every way that it can come out; a text without blocks is the only one. */
export function listAlternatives(marks: Marks, text: string): readonly string[] {
  const trimmed = text.trim();
  const pieces = marks.cut(trimmed);
  if (!pieces.some((piece) => typeof piece !== 'string' && piece.kind === 'tag')) {
    return [trimmed];
  }
  return readArm([...pieces], marks).map((one) => one.trim());
}

/** Consumes the pieces up to the next tag of the block around them. */
function readArm(pieces: (string | Mark)[], marks: Marks): string[] {
  let ways = [''];
  for (let next = pieces[0]; next !== undefined; next = pieces[0]) {
    if (typeof next !== 'string' && next.kind === 'tag') {
      if (next.arm === null || next.arm > 0) {
        break;
      }
      const alternatives = readBlock(pieces, marks);
      ways = ways.flatMap((way) => alternatives.map((alternative) => way + alternative)).slice(0, MOST);
    } else {
      pieces.shift();
      const text = typeof next === 'string' ? next : marks.wordOf(next);
      ways = ways.map((way) => way + text);
    }
  }
  return ways;
}

function readBlock(pieces: (string | Mark)[], marks: Marks): string[] {
  const ways: string[] = [];
  let hasElse = false;
  for (;;) {
    const tag = pieces.shift();
    if (tag === undefined || typeof tag === 'string' || tag.kind !== 'tag' || tag.arm === null) {
      // Without an else, nothing at all is one of the ways.
      return hasElse ? ways : [...ways, ''];
    }
    hasElse ||= /^\{%-?\s*else\b/.test(tag.text);
    const arm = readArm(pieces, marks);
    if (tag.arm >= 0) {
      ways.push(...arm);
    }
  }
}
