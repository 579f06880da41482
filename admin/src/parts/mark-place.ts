export const PLACE_ID = 'here';

const WORDS_TO_FIND = 4;
/** Blocks that a reader would call a place. */
const BLOCK = /<(?:p|h[1-6]|li|blockquote|td)\b/gi;

/**
 * Gives the block that holds the words being edited an id, so that a preview can open there instead of at its top. The
 * frame runs no script, so this is the only way to keep the view where the author is. Without a match the HTML is as it was.
 */
export function markPlace(html: string, sourceLine: string): string {
  const words = wordsOf(sourceLine);
  if (words.length === 0) {
    return html;
  }
  const bodyAt = Math.max(0, html.search(/<body\b/i));
  const found = new RegExp(words.join('[^\\p{L}\\p{N}<>]+'), 'iu').exec(html.slice(bodyAt));
  if (found === null) {
    return html;
  }
  const upTo = bodyAt + found.index;
  const block = [...html.slice(0, upTo).matchAll(BLOCK)].at(-1);
  if (block === undefined || block.index < bodyAt) {
    return html;
  }
  const insertAt = block.index + block[0].length;
  const marked = `${html.slice(0, insertAt)} id="${PLACE_ID}"${html.slice(insertAt)}`;
  return marked.replace(/<\/head>/i, `<style>#${PLACE_ID}{scroll-margin-top:35vh}</style></head>`);
}

/** The longest run of plain words of a line: markup and merge fields are not in the mail as they are in the source. */
function wordsOf(line: string): readonly string[] {
  const runs = line.split(/[^\p{L}\p{N}\s',.-]+/u).map((run) => run.match(/[\p{L}\p{N}]+/gu) ?? []);
  const longest = runs.sort((a, b) => b.length - a.length)[0] ?? [];
  return longest.slice(0, WORDS_TO_FIND);
}
