import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { inputError } from '../shared/app-error.ts';

/** A text that was named on the command line. @throws AppError `file_unreadable`, also when it is not UTF-8. */
export async function readGivenText(path: string): Promise<string> {
  const bytes = await readGivenFile(path);
  if (!isUtf8(bytes)) {
    throw inputError('file_unreadable', `${path}: it is not UTF-8 text; save it as UTF-8`);
  }
  return new TextDecoder().decode(bytes);
}

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
