/** Tails that publishing software adds to every summary; a digest links to the article anyway. */
const TAILS = [
  /\s*The post .{1,300}? (?:first )?appeared (?:first )?on .{1,200}$/i,
  /\s*(?:Continue reading|Read more|Read the full (?:story|article)|Weiterlesen|Lire la suite)(?: (?:at|on|about|here)\b.{0,100})?[\s.…»→]*$/i,
  /\s*(?:(?<!\d)\d{1,6} posts? - \d{1,6} participants?\s*)?Read full topic$/i,
  /\s*submitted by\s*(?:\/u\/)?\S{1,60}(?:\s+to\s+\S{1,60})?\s*\[link\](?:\s*\[(?:\d+ )?comments?\])?$/i,
  /\s*[[(](?:\u2026|\.\.\.)[\])]$/,
  /\s*(?:\u2026|\.\.\.)?\s*[»→]$/,
] as const;

/**
 * At most `max` characters of plain text. Cut after a sentence when one ends in the last half, else after a word, with an
 * ellipsis. Never cuts a surrogate pair.
 */
export function excerpt(text: string, max: number): string {
  const body = TAILS.reduce((rest, tail) => rest.replace(tail, ''), text).trim();
  if (body.length <= max) {
    return body;
  }
  const head = body.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
  const sentence = /^.*(?<!\.)[.!?…]["'”’»)]?(?=\s)/su.exec(head)?.[0];
  if (sentence !== undefined && sentence.length >= max / 2) {
    return sentence;
  }
  const word = head.slice(0, max - 1).replace(/\s+\S*$/, '');
  return `${word.replace(/[\s.,;:–-]+$/, '')}…`;
}

const UNSPACED_SCRIPT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}]/u;
const WORDS = new Intl.Segmenter('en', { granularity: 'word' });

/** Words for a reading time; scripts without spaces are segmented, which is slow, so only those are. */
export function countWords(text: string): number {
  if (!UNSPACED_SCRIPT.test(text)) {
    return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)?.length ?? 0;
  }
  let words = 0;
  for (const { isWordLike } of WORDS.segment(text)) {
    words += isWordLike === true ? 1 : 0;
  }
  return words;
}
