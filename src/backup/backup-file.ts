import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { conflict, inputError } from '../shared/app-error.ts';
import { parseHeader } from './backup-header.ts';
import type { BackupHeader } from './backup-header.ts';
import { decodeFrames, notABackup } from './frames.ts';
import type { Frame } from './frames.ts';

/** The first line of the file; the zstd stream follows, and SHA-256 of all before it ends the file. */
export const MAGIC = Buffer.from('courant backup 1\n');
const DIGEST_BYTES = 32;
const READ_AT_ONCE = 256 * 1024;

export interface OpenBackup {
  readonly header: BackupHeader;
  /** The frames after the header. */
  readonly frames: AsyncGenerator<Frame>;
  close(): void;
}

/**
 * Reads a file once to its end, so that one that was cut, changed or is none is refused before anything is written.
 * @throws AppError `file_unreadable`, `backup_damaged`, `backup_format_unknown`
 */
export async function openBackup(file: string): Promise<OpenBackup> {
  const size = await sizeOf(file);
  if (size < MAGIC.length + DIGEST_BYTES) {
    throw notABackup();
  }
  const hash = createHash('sha256');
  let isFirst = true;
  for await (const chunk of read(file, 0, size - DIGEST_BYTES) as AsyncIterable<Buffer>) {
    if (isFirst) {
      refuseOthers(chunk.subarray(0, MAGIC.length));
      isFirst = false;
    }
    hash.update(chunk);
  }
  if (!hash.digest().equals(await readTail(file, size))) {
    throw notABackup();
  }
  const compressed = read(file, MAGIC.length, size - DIGEST_BYTES);
  // The callback is for whoever stops reading early; who reads on gets errors from the stream itself.
  const frames = decodeFrames(pipeline(compressed, createZstdDecompress(), () => undefined));
  const header = await frames.next();
  const parsed =
    header.done === true || header.value.type !== 'header' ? undefined : parseHeader(header.value.payload.toString());
  if (parsed === undefined) {
    compressed.destroy();
    throw notABackup();
  }
  return { header: parsed, frames, close: () => void compressed.destroy() };
}

function read(file: string, start: number, end: number) {
  return createReadStream(file, { start, end: end - 1, highWaterMark: READ_AT_ONCE });
}

async function readTail(file: string, size: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const tail = Buffer.alloc(DIGEST_BYTES);
    await handle.read(tail, 0, DIGEST_BYTES, size - DIGEST_BYTES);
    return tail;
  } finally {
    await handle.close();
  }
}

/** A file of a later format says so in its first line. */
function refuseOthers(first: Buffer): void {
  if (first.equals(MAGIC)) {
    return;
  }
  if (/^courant backup \d/.test(first.toString('latin1'))) {
    throw conflict('backup_format_unknown', 'a newer Courant wrote this backup; restore it with that version');
  }
  throw notABackup();
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : 0;
  } catch (error) {
    throw inputError('file_unreadable', `${file}: it cannot be read`, { cause: error });
  }
}
