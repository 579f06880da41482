import type { IncomingMessage } from 'node:http';
import { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';

export type BodyOutcome =
  | { readonly kind: 'read'; readonly body: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'unsupported'; readonly encoding: string };

class TooLarge extends Error {}

/** What we say that we decode, and do. */
export const ACCEPT_ENCODING = 'gzip, br, zstd, deflate';
/** RFC 9659: what a decoder of `Content-Encoding: zstd` must hold, and no more. */
const ZSTD_WINDOW_LOG = 23;

function decoderFor(encoding: string): Duplex | 'none' | undefined {
  switch (encoding) {
    case '':
    case 'identity':
      return 'none';
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } });
    case 'deflate':
      return Duplex.from(inflateEither);
    default:
      return undefined;
  }
}

/** RFC 9110 8.4.1.2 means the zlib format; some servers leave its header out. */
function isZlib(head: Buffer): boolean {
  const [method = 0, flags = 0] = head;
  return method % 16 === 8 && (method * 256 + flags) % 31 === 0;
}

async function* inflateEither(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) {
    return;
  }
  async function* again(): AsyncGenerator<Buffer> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  yield* Readable.from(again()).compose(isZlib(first.value) ? createInflate() : createInflateRaw());
}

async function* atMost(source: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new TooLarge();
    }
    yield chunk;
  }
}

/**
 * Reads and decodes a response. The cap holds twice: on the wire, because a gzip stream may hold endless empty members,
 * and on the decoded bytes, which are counted chunk by chunk so that a bomb is cut at the cap and not after it.
 * One encoding layer only: we offer each by itself, and nested encodings are a way to multiply.
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<BodyOutcome> {
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  const decoder = decoderFor(encoding);
  if (decoder === undefined) {
    response.destroy();
    return { kind: 'unsupported', encoding };
  }
  const chunks: Buffer[] = [];
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of atMost(source, maxBytes)) {
      chunks.push(chunk);
    }
  };
  const cap = (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> => atMost(source, maxBytes);
  try {
    await (decoder === 'none' ? pipeline(response, collect) : pipeline(response, cap, decoder, collect));
  } catch (error) {
    if (error instanceof TooLarge) {
      return { kind: 'too-large' };
    }
    throw error;
  }
  return { kind: 'read', body: Buffer.concat(chunks) };
}
