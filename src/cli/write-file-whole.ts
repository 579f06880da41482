import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { inputError } from '../shared/app-error.ts';

/**
 * Lets `work` write a file in pieces. Written beside and renamed at the end: a file of that name is whole. Nobody but its owner may read it.
 * @throws AppError `file_unwritable`, and what `work` throws.
 */
export async function writeFileWhole<Result>(
  file: string,
  work: (write: (piece: string) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const unfinished = `${file}.unfinished`;
  const stream = createWriteStream(unfinished, { mode: 0o600 });
  const written = finished(stream);
  // Awaited below; until then a failure must not end the process.
  written.catch(() => undefined);
  try {
    const result = await work((piece) => writePiece(stream, piece));
    stream.end();
    await written;
    await rename(unfinished, file);
    return result;
  } catch (error) {
    stream.destroy();
    await rm(unfinished, { force: true });
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined
      ? error
      : inputError('file_unwritable', `${file}: it cannot be written (${code ?? 'error'})`, { cause: error });
  }
}

/** Waits when the disk is slower than the database, so that memory stays flat. */
async function writePiece(stream: Writable, piece: string): Promise<void> {
  if (stream.errored !== null) {
    throw stream.errored;
  }
  if (!stream.write(piece)) {
    await once(stream, 'drain');
  }
}
