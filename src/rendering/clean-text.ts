/** Controls, line and paragraph separators, and the bidi overrides that can make a title read as something else. */
const HIDDEN = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;
const HIDDEN_BUT_NEWLINE = /[^\P{Cc}\n]|[\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** One line without hidden characters, cut at a word when it is longer than `maxLength`. */
export function cleanLine(value: string, maxLength: number): string {
  return clip(value.toWellFormed().replace(HIDDEN, ' ').replace(/\s+/g, ' ').trim(), maxLength);
}

/** Keeps line breaks, as LF. */
export function cleanBlock(value: string, maxLength: number): string {
  const text = value.toWellFormed().replace(/\r\n?/g, '\n').replace(HIDDEN_BUT_NEWLINE, ' ');
  return clip(text.trim(), maxLength);
}

/** A postal address on one line. */
export function joinLines(block: string, comma = ', '): string {
  return block
    .trim()
    .split(/\s*\n\s*/)
    .join(comma);
}

/** What a reader's own value may bring into a header or a plain text: everything but controls. */
export function removeControls(value: string): string {
  return value.toWellFormed().replace(HIDDEN, ' ');
}

/** The address in its normal form, or an empty string when its scheme is none of `protocols`. */
export function toWebUrl(value: string, protocols: readonly string[]): string {
  const url = URL.parse(value.trim());
  return url !== null && protocols.includes(url.protocol) ? url.href : '';
}

function clip(value: string, maxLength: number): string {
  if (value.length <= maxLength) {
    return value;
  }
  const cut = value.slice(0, maxLength - 1);
  const lastSpace = cut.lastIndexOf(' ');
  return `${(lastSpace > maxLength / 2 ? cut.slice(0, lastSpace) : cut).toWellFormed()}…`;
}
