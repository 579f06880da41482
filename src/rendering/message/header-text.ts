import { checkHeaderText } from './header-error.ts';
import { encodeCharacter } from './quoted-printable.ts';

/** RFC 2047 2: a line with an encoded word has at most 76 characters. */
const MAX_LINE = 76;
const FOLD = '\r\n ';
const WORD_START = '=?UTF-8?';
/** With the letter of the encoding: `=?UTF-8?Q?` and `?=`. */
const WORD_OVERHEAD = 12;
/** Printable ASCII that neither begins nor ends with a space. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;
const BARE_PHRASE = /^[A-Za-z\d]+(?: [A-Za-z\d]+)*$/;

/** An unstructured header (RFC 5322 2.2.1), folded, with its CRLF. */
export function writeTextHeader(header: string, text: string): string {
  checkHeaderText(header, text);
  if (text === '') {
    return `${header}:\r\n`;
  }
  const start = `${header}: `;
  const folded = isPlain(text) ? foldWords(text, start.length) : undefined;
  return `${start}${folded ?? encodeWords(text, start.length)}\r\n`;
}

/** A display name (RFC 5322 3.2.5) after `used` characters of its line: as it is, quoted, or as encoded words. */
export function encodePhrase(text: string, used: number): string {
  const quoted = BARE_PHRASE.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  return isPlain(text) && used + quoted.length <= MAX_LINE ? quoted : encodeWords(text, used);
}

/** `<address>` after a phrase, on the next line when this one is full. */
export function appendToPhrase(start: string, phrase: string, angled: string): string {
  const line = `${start}${phrase}`;
  const column = line.length - (line.lastIndexOf('\n') + 1);
  return column + 1 + angled.length > MAX_LINE ? `${line}${FOLD}${angled}` : `${line} ${angled}`;
}

/** What looks like an encoded word would be read as one. */
function isPlain(text: string): boolean {
  return PLAIN.test(text) && !text.includes('=?');
}

/** Breaks in front of spaces, which stay; undefined when a word is longer than a line. */
function foldWords(text: string, used: number): string | undefined {
  if (used + text.length <= MAX_LINE) {
    return text;
  }
  let folded = '';
  let column = used;
  for (const [word] of text.matchAll(/ *[^ ]+/g)) {
    if (word.length > (folded === '' ? MAX_LINE - used : MAX_LINE)) {
      return undefined;
    }
    const isFull = column + word.length > MAX_LINE;
    folded += isFull ? `\r\n${word}` : word;
    column = (isFull ? 0 : column) + word.length;
  }
  return folded;
}

interface WordEncoding {
  readonly letter: 'Q' | 'B';
  /** Of one character, in the unit of `roomFor`. */
  readonly costOf: (character: string) => number;
  readonly roomFor: (characters: number) => number;
  readonly encode: (text: string) => string;
}

const Q: WordEncoding = {
  letter: 'Q',
  costOf: (character) => encodeQ(character).length,
  roomFor: (characters) => characters,
  encode: encodeQ,
};

const B: WordEncoding = {
  letter: 'B',
  costOf: (character) => Buffer.byteLength(character),
  roomFor: (characters) => Math.floor(characters / 4) * 3,
  encode: (text) => Buffer.from(text).toString('base64'),
};

/** RFC 2047: as many words as it takes, each whole in itself, so that no character is split between two. */
function encodeWords(text: string, used: number): string {
  const encoding = encodeQ(text).length <= Math.ceil(Buffer.byteLength(text) / 3) * 4 ? Q : B;
  const words: string[] = [];
  let word = '';
  let room = encoding.roomFor(MAX_LINE - used - WORD_OVERHEAD);
  for (const character of text) {
    const cost = encoding.costOf(character);
    if (cost > room && word !== '') {
      words.push(word);
      word = '';
      room = encoding.roomFor(MAX_LINE - 1 - WORD_OVERHEAD);
    }
    word += character;
    room -= cost;
  }
  return [...words, word].map((each) => `${WORD_START}${encoding.letter}?${encoding.encode(each)}?=`).join(FOLD);
}

/** RFC 2047 5 (3): what is allowed in a phrase is allowed everywhere. */
function encodeQ(text: string): string {
  return text.replaceAll(/[^A-Za-z\d!*+\-/]/gu, (character) => (character === ' ' ? '_' : encodeCharacter(character)));
}
