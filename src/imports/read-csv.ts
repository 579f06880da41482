import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { inputError } from '../shared/app-error.ts';

/** A file without a line break must not fill the memory. */
const MAX_ROW_BYTES = 1_000_000;

export interface CsvFile {
  /** Row by row, the header first. @throws AppError `csv_malformed`, `file_not_utf8`. */
  readonly rows: AsyncIterable<readonly string[]>;
  /** SHA-256 of the bytes that were read; of the whole file once `rows` has ended. */
  hash(): Buffer;
}

/** Reads CSV (RFC 4180) with commas, semicolons or tabs; a byte order mark is fine, another encoding is not. */
export function readCsv(source: AsyncIterable<Buffer>): CsvFile {
  const hash = createHash('sha256');
  return { rows: readRows(source, (bytes) => hash.update(bytes)), hash: () => hash.copy().digest() };
}

async function* readRows(
  source: AsyncIterable<Buffer>,
  onBytes: (bytes: Buffer) => void,
): AsyncGenerator<readonly string[]> {
  const text = decode(source, onBytes);
  const first = await text.next();
  if (first.done === true) {
    return;
  }
  const parser = parse({
    bom: true,
    delimiter: findDelimiter(first.value),
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
  });
  const whole = async function* (): AsyncGenerator<string> {
    yield first.value;
    yield* text;
  };
  // Its failure destroys the parser, and the loop below throws it.
  pipeline(Readable.from(whole()), parser).catch(() => undefined);
  try {
    for await (const row of parser) {
      yield row as readonly string[];
    }
  } catch (error) {
    const { code, lines } = error as { code?: unknown; lines?: unknown };
    throw typeof code === 'string' && code.startsWith('CSV_')
      ? inputError('csv_malformed', `Line ${String(lines)} is not CSV: look for a quote that is not closed.`, {
          cause: error,
        })
      : error;
  }
}

async function* decode(
  source: AsyncIterable<Buffer>,
  onBytes: (bytes: Buffer) => void,
): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for await (const chunk of source) {
      onBytes(chunk);
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError
      ? inputError('file_not_utf8', 'The file is not UTF-8. Save it as "CSV UTF-8", then try again.', { cause: error })
      : error;
  }
}

/** What stands most often in the header outside of quotes; a file with one column has none. */
function findDelimiter(beginning: string): string {
  const header = (beginning.split(/\r?\n/, 1)[0] ?? '').replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string): number => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}
