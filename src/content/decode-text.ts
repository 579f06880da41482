import { isAscii, isUtf8 } from 'node:buffer';
import type { FeedWarning } from './feed-reading.ts';

interface DecodedText {
  readonly text: string;
  readonly warnings: readonly FeedWarning[];
}

/** Charsets in which a letter takes several bytes. */
const MANY_BYTES = /^(?:gb|x-gbk|big5|euc|shift|sjis|x-sjis|ms_kanji|iso-2022|ks_c|windows-949|windows-31j)/i;

/**
 * Bytes to text. A byte-order mark wins, then the charset of the HTTP header, then the XML declaration, then UTF-8
 * (RFC 7303 3). UTF-16 shows in its first bytes, whatever is declared. A declared charset that does not fit the bytes is a common lie: the next candidate is tried, and
 * windows-1252, which fits any bytes, comes last.
 */
export function decodeText(bytes: Buffer, contentType: string | undefined): DecodedText {
  const mark = charsetOfMark(bytes);
  const declared = [charsetOfHeader(contentType), charsetOfDeclaration(bytes)]
    .filter((charset) => charset !== undefined)
    .filter((charset) => !/^utf-?(?:16|32)/i.test(charset));
  if (mark === undefined && declared[0] !== undefined && isUnmistakablyUtf8(bytes, declared[0])) {
    return { text: new TextDecoder().decode(bytes), warnings: [guessed('utf-8')] };
  }
  const candidates = [...(mark === undefined ? declared : [mark, ...declared]), 'utf-8'];
  for (const [index, charset] of candidates.entries()) {
    const text = tryDecode(bytes, charset);
    if (text !== undefined) {
      return { text, warnings: index === 0 ? [] : [guessed(charset)] };
    }
  }
  const charset = isNearlyUtf8(bytes) ? 'utf-8' : 'windows-1252';
  return { text: new TextDecoder(charset).decode(bytes), warnings: [guessed(charset)] };
}

/**
 * Servers and templates name a charset and then send UTF-8. Letters of one byte each hardly ever make up valid UTF-8 by
 * chance; those of two bytes may, in a short text.
 */
function isUnmistakablyUtf8(bytes: Buffer, declared: string): boolean {
  if (/^utf-?8$/i.test(declared) || isAscii(bytes) || !isUtf8(bytes)) {
    return false;
  }
  const letters = new TextDecoder().decode(bytes).match(/[\u0080-\uFFFF]/g)?.length ?? 0;
  return letters >= (MANY_BYTES.test(declared) ? 10 : 1);
}

/** One broken byte in a long text (a summary cut in the middle of a letter) must not spoil every other letter. */
function isNearlyUtf8(bytes: Buffer): boolean {
  const text = new TextDecoder('utf-8').decode(bytes);
  const broken = text.match(/\uFFFD/g)?.length ?? 0;
  const sound = text.match(/[\u0080-\uFFFC]/g)?.length ?? 0;
  return sound > broken * 3;
}

function guessed(charset: string): FeedWarning {
  return { code: 'charset_guessed', message: `the declared charset does not fit; read as ${charset}` };
}

function tryDecode(bytes: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function charsetOfMark(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 4).toString('latin1');
  if (head.startsWith('\xEF\xBB\xBF')) {
    return 'utf-8';
  }
  if (head.startsWith('\xFE\xFF') || /^\0[<{\s]/.test(head)) {
    return 'utf-16be';
  }
  return head.startsWith('\xFF\xFE') || /^[<{\s]\0/.test(head) ? 'utf-16le' : undefined;
}

function charsetOfHeader(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1];
}

function charsetOfDeclaration(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 400).toString('latin1');
  return /<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/i.exec(head)?.[1];
}
