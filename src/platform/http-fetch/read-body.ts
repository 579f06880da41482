import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';

export type BodyOutcome =
  | { readonly kind: 'read'; readonly body: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'unsupported'; readonly encoding: string };

class TooLarge extends Error {}

function decoderFor(encoding: string): Transform | 'none' | undefined {
  switch (encoding) {
    case '':
    case 'identity':
      return 'none';
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
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
 * One encoding layer only: we offer `gzip, br`, and nested encodings are a way to multiply.
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
