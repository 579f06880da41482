/** Letters of Chinese, Japanese and Korean, which take two places in a line of a terminal. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;
/** Written without spaces: these, and the scripts from Thai to Khmer. */
const UNSPACED = new RegExp(`${WIDE.source}|[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff]`);
/** Vowel signs and the like stand above or below a letter. */
const WITHOUT_WIDTH = /\p{Mn}|\p{Cf}/u;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** In places of a terminal. */
export function widthOf(text: string): number {
  return Array.from(text, (letter) => (WITHOUT_WIDTH.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1)).reduce<number>(
    (sum, width) => sum + width,
    0,
  );
}

/** Where a line may break inside of what stands between two spaces. Punctuation stays with the word that it belongs to. */
export function splitUnspaced(word: string): readonly string[] {
  if (!UNSPACED.test(word)) {
    return [word];
  }
  const pieces: string[] = [];
  let isOpen = false;
  for (const { segment, isWordLike } of segmenter.segment(word)) {
    const last = pieces.length - 1;
    const isOpening = /^[\p{Ps}\p{Pi}]/u.test(segment);
    if (last >= 0 && (isOpen || (isWordLike !== true && !isOpening))) {
      pieces[last] += segment;
    } else {
      pieces.push(segment);
    }
    isOpen = isOpening;
  }
  return pieces;
}
