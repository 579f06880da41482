/** RFC 2045 6.7 (5): 76 characters a line; the last is kept for the "=" of a soft line break. */
const MAX_COLUMN = 75;
/** What stands for itself: printable ASCII less "=", with single spaces between. */
const PLAIN_WORDS = /^[!-<>-~]+(?: [!-<>-~]+)*$/;
const SPACE = 32;
const DOT = 46;
const EQUALS = 61;

/** Ends a line without ending the text's line, so that what follows can be encoded on its own. */
export const SOFT_BREAK = '=\r\n';

/**
 * RFC 2045 6.7 of a text that begins at the start of a line. Line breaks of any kind become CRLF. The lines need no
 * dot-stuffing (RFC 5321 4.5.2) and no ">From" of a mailbox file, and are in the relaxed canonical form of DKIM (RFC 6376
 * 3.4.4): no tab, no two spaces in a row, no space at the end.
 */
export function encodeQuotedPrintable(text: string): string {
  if (text.length <= MAX_COLUMN && PLAIN_WORDS.test(text) && !needsGuard(text, 0)) {
    return text;
  }
  const source = text.toWellFormed();
  let encoded = '';
  let column = 0;
  let isAfterSpace = false;
  for (let at = 0; at < source.length;) {
    const code = source.charCodeAt(at);
    if (isLineEnd(code)) {
      at += code === 13 && source.charCodeAt(at + 1) === 10 ? 2 : 1;
      encoded += '\r\n';
      column = 0;
      isAfterSpace = false;
      continue;
    }
    const end = endOfToken(source, at, MAX_COLUMN - column);
    const characters = source.slice(at, end);
    const isKept: boolean = isLiteral(code) || isKeptSpace(source, at, isAfterSpace);
    const token: string =
      isKept && !(column === 0 && needsGuard(source, at)) ? characters : encodeCharacter(characters);
    if (column > 0 && column + token.length > MAX_COLUMN) {
      // Once more from here, as the start of a line.
      encoded += SOFT_BREAK;
      column = 0;
      isAfterSpace = false;
      continue;
    }
    encoded += token;
    column += token.length;
    isAfterSpace = token === ' ';
    at = end;
  }
  return encoded;
}

/** As many characters as stand for themselves and fit, or one. */
function endOfToken(source: string, at: number, room: number): number {
  const code = source.charCodeAt(at);
  if (code >= 0xd800 && code <= 0xdbff) {
    return at + 2;
  }
  let end = at + 1;
  if (isLiteral(code) && !needsGuard(source, at)) {
    while (end - at < room && isLiteral(source.charCodeAt(end))) {
      end += 1;
    }
  }
  return end;
}

/** The bytes of one character as =XX. */
export function encodeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code < 128
    ? `=${code.toString(16).toUpperCase().padStart(2, '0')}`
    : encodeURIComponent(character).replaceAll('%', '=');
}

function isLiteral(code: number): boolean {
  return code > SPACE && code < 127 && code !== EQUALS;
}

/** The second of two spaces and one at the end of a line or of the text would not survive every relay. */
function isKeptSpace(source: string, at: number, isAfterSpace: boolean): boolean {
  const isLast = at + 1 === source.length || isLineEnd(source.charCodeAt(at + 1));
  return source.charCodeAt(at) === SPACE && !isAfterSpace && !isLast;
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}

/** At the start of a line: a dot would be doubled on the wire, "From " is quoted by who files mails into one file. */
function needsGuard(source: string, at: number): boolean {
  return source.charCodeAt(at) === DOT || source.startsWith('From ', at);
}
