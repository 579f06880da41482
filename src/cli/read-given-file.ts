import { readFile } from 'node:fs/promises';
import { inputError } from '../shared/app-error.ts';

/** A file that was named on the command line. @throws AppError `file_unreadable`. */
export async function readGivenFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? 'error'})`;
    throw inputError('file_unreadable', `${path}: ${reason}`, { cause: error });
  }
}
