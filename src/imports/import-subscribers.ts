import { recordAudit } from '../audit/index.ts';
import { inputError } from '../shared/app-error.ts';
import { writeLines } from './import-batch.ts';
import type { ImportRun, Line } from './import-batch.ts';
import { mapColumns } from './import-columns.ts';
import type { ImportDeps, ImportReport, ImportRequest } from './import.ts';
import {
  createSeenTable,
  dropSeenTable,
  finishImport,
  insertImport,
  selectNewsletterIds,
} from './imports.repository.ts';

/** Rows in one statement: large enough that its fixed cost does not count, small enough that nobody waits for its locks. */
const BATCH = 5000;

/**
 * Reads subscribers from a file, at most `BATCH` rows at a time in memory. Each batch commits by itself and a second run of the same
 * file changes nothing, so an import that was cut off is started again. Nobody who left, was suppressed or was erased
 * comes back by it.
 * @throws AppError `file_empty`, `column_missing`, `column_twice`, `csv_malformed`, `file_not_utf8`.
 */
export async function importSubscribers(deps: ImportDeps, request: ImportRequest): Promise<ImportReport> {
  const rows = request.file.rows[Symbol.asyncIterator]();
  const header = await rows.next();
  if (header.done === true) {
    throw inputError('file_empty', 'The file is empty. Its first row names the columns, such as email,name.');
  }
  const columns = mapColumns(header.value, request.mapping);
  request.onHeader(header.value);
  const newsletters = await selectNewsletterIds(deps.db);
  return deps.db.connection().execute(async (connection) => {
    const startedAt = deps.clock.now();
    const importId = request.isDryRun
      ? null
      : await insertImport(connection, { fileName: request.fileName, actor: request.actor.label, now: startedAt });
    await createSeenTable(connection);
    try {
      const run: ImportRun = { ...deps, connection, importId, request, columns, newsletters };
      const report = await writeAll(run, rows);
      if (importId !== null) {
        await finishImport(connection, importId, {
          fileHash: request.file.hash(),
          counts: { ...report },
          now: deps.clock.now(),
        });
        await recordAudit(connection, {
          actor: request.actor,
          action: 'subscribers.imported',
          subjectKind: 'import',
          subjectId: importId,
          details: { ...report },
        });
      }
      return report;
    } finally {
      await dropSeenTable(connection);
    }
  });
}

/** While the database writes one batch, the next is read and checked. */
async function writeAll(run: ImportRun, rows: AsyncIterator<readonly string[]>): Promise<ImportReport> {
  let total: ImportReport = { rows: 0, granted: 0, unproven: 0, unchanged: 0, rejected: 0, suppressed: 0 };
  let writing: Promise<ImportReport> | undefined;
  const collect = async (): Promise<void> => {
    const batch = await writing;
    if (batch !== undefined) {
      total = addReports(total, batch);
      run.request.onProgress(total.rows);
    }
  };
  let line = 1;
  for (let isOver = false; !isOver;) {
    const lines: Line[] = [];
    while (lines.length < BATCH && !isOver) {
      const next = await rows.next();
      isOver = next.done === true;
      if (next.done !== true) {
        line += 1;
        lines.push({ line, cells: next.value });
      }
    }
    await collect();
    writing = writeLines(run, lines);
    // Its failure is thrown by the `collect` that waits for it.
    writing.catch(() => undefined);
  }
  await collect();
  return total;
}

function addReports(a: ImportReport, b: ImportReport): ImportReport {
  return {
    rows: a.rows + b.rows,
    granted: a.granted + b.granted,
    unproven: a.unproven + b.unproven,
    unchanged: a.unchanged + b.unchanged,
    rejected: a.rejected + b.rejected,
    suppressed: a.suppressed + b.suppressed,
  };
}
