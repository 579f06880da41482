import type { FeedWarning } from './feed-reading.ts';

interface DecodedText {
  readonly text: string;
  readonly warnings: readonly FeedWarning[];
}

/**
 * Bytes to text. A byte-order mark wins, then the charset of the HTTP header, then the XML declaration, then UTF-8
 * (RFC 7303 3). A declared charset that does not fit the bytes is a common lie: the next candidate is tried, and
 * windows-1252, which fits any bytes, comes last.
 */
export function decodeText(bytes: Buffer, contentType: string | undefined): DecodedText {
  const declared = [charsetOfMark(bytes), charsetOfHeader(contentType), charsetOfDeclaration(bytes), 'utf-8'];
  const candidates = declared.filter((charset) => charset !== undefined);
  for (const [index, charset] of candidates.entries()) {
    const text = tryDecode(bytes, charset);
    if (text !== undefined) {
      return { text, warnings: index === 0 ? [] : [guessed(charset)] };
    }
  }
  const charset = isNearlyUtf8(bytes) ? 'utf-8' : 'windows-1252';
  return { text: new TextDecoder(charset).decode(bytes), warnings: [guessed(charset)] };
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
  if (head.startsWith('\xFE\xFF') || head.startsWith('\0<')) {
    return 'utf-16be';
  }
  return head.startsWith('\xFF\xFE') || head.startsWith('<\0') ? 'utf-16le' : undefined;
}

function charsetOfHeader(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1];
}

function charsetOfDeclaration(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 400).toString('latin1');
  return /<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/i.exec(head)?.[1];
}
