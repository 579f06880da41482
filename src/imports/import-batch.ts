import { hashText, saltValue } from '../consent/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { hashAddressUnderAll } from '../shared/keyring.ts';
import { checkRow, REJECT_REASONS } from './check-row.ts';
import type { CheckedRow, RejectReason } from './check-row.ts';
import type { ColumnMap } from './import-columns.ts';
import type { ImportDeps, ImportReport, ImportRequest } from './import.ts';
import { markSeen, suppressImported, writeBatch } from './imports.repository.ts';
import type { BatchResult, BatchRow } from './imports.repository.ts';

/** A row and its place in the file. */
export interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

/** What one import needs from batch to batch. */
export interface ImportRun extends ImportDeps {
  /** The one that has the table of what was seen. */
  readonly connection: Db;
  /** Null in a dry run. */
  readonly importId: number | null;
  readonly request: ImportRequest;
  readonly columns: ColumnMap;
  readonly newsletters: ReadonlyMap<string, NewsletterId>;
}

type CheckedLine = CheckedRow & { readonly line: number };

/** Checks rows, writes the good ones in one transaction, and tells of the others. */
export async function writeLines(run: ImportRun, lines: readonly Line[]): Promise<ImportReport> {
  const now = run.clock.now();
  const { columns, newsletters, request } = run;
  const rules = { columns, newsletters, defaults: request.defaults, now };
  const good: CheckedLine[] = [];
  const rejects = new Map<number, RejectReason>();
  const blocklist: ParsedAddress[] = [];
  for (const { line, cells } of lines) {
    const check = checkRow(cells, rules);
    if (check.ok) {
      good.push({ ...check.row, line });
    } else {
      rejects.set(line, check.reason);
      blocklist.push(...(check.blocklist === undefined ? [] : [check.blocklist]));
    }
  }
  const { batch, repeated } = await dropRepeated(run, good);
  await ensureTexts(run, batch, now);
  const results = await writeOrPretend(run, { batch, blocklist, now });
  const report = {
    rows: lines.length,
    granted: 0,
    unproven: 0,
    unchanged: 0,
    rejected: 0,
    suppressed: blocklist.length,
  };
  for (const line of repeated) {
    rejects.set(line, 'duplicate');
  }
  for (const { line, outcome } of results) {
    if (outcome === 'granted' || outcome === 'unproven' || outcome === 'unchanged') {
      report[outcome] += 1;
    } else {
      rejects.set(line, outcome);
    }
  }
  for (const { line, cells } of lines) {
    const reason = rejects.get(line);
    if (reason !== undefined) {
      report.rejected += 1;
      request.onReject({ line, reason, message: REJECT_REASONS[reason], cells });
    }
  }
  return report;
}

/** An address that the file names twice for the same newsletter counts once: the first time. */
async function dropRepeated(
  run: ImportRun,
  rows: readonly CheckedLine[],
): Promise<{ readonly batch: readonly BatchRow[]; readonly repeated: readonly number[] }> {
  const wishes = new Map(
    rows.flatMap(({ address, newsletterIds }) =>
      newsletterIds.map((newsletterId) => [`${newsletterId} ${address.key}`, { key: address.key, newsletterId }]),
    ),
  );
  const fresh = new Set(
    (await markSeen(run.connection, [...wishes.values()])).map(({ key, newsletterId }) => `${newsletterId} ${key}`),
  );
  const batch: BatchRow[] = [];
  const repeated: number[] = [];
  for (const row of rows) {
    const newsletterIds = row.newsletterIds.filter((id) => fresh.delete(`${id} ${row.address.key}`));
    if (newsletterIds.length === 0) {
      repeated.push(row.line);
    } else {
      batch.push(toBatchRow(run, { ...row, newsletterIds }));
    }
  }
  return { batch, repeated };
}

function toBatchRow(run: ImportRun, row: CheckedLine): BatchRow {
  return {
    ...row,
    hashes: hashAddressUnderAll(run.keyring, row.address.key),
    addressValue: saltValue(run.random, row.address.address),
    evidenceValue: saltValue(run.random, row.proof?.evidence ?? null),
    textHash: row.consentText === null || run.importId === null ? null : hashText(row.consentText),
  };
}

/** Wordings are few in a file, and immutable once stored: a dry run stores none. */
async function ensureTexts(run: ImportRun, batch: readonly BatchRow[], now: Date): Promise<void> {
  const texts = new Map(
    batch.flatMap(({ consentText, locale }) => (consentText === null ? [] : [[consentText, locale ?? 'und'] as const])),
  );
  if (texts.size > 0 && run.importId !== null) {
    await run.consentTexts.ensure(
      run.db,
      [...texts].map(([text, locale]) => ({ text, locale })),
      now,
    );
  }
}

class DryRunOver extends Error {}

async function writeOrPretend(
  run: ImportRun,
  {
    batch,
    blocklist,
    now,
  }: { readonly batch: readonly BatchRow[]; readonly blocklist: readonly ParsedAddress[]; readonly now: Date },
): Promise<readonly BatchResult[]> {
  const { importId, request, connection } = run;
  let results: readonly BatchResult[] = [];
  const work = connection.transaction().execute(async (tx) => {
    if (blocklist.length > 0) {
      const hashes = blocklist.flatMap(({ key }) => hashAddressUnderAll(run.keyring, key));
      await suppressImported(tx, hashes, { source: `import:${importId ?? 'dry-run'}`, now });
    }
    results = await writeBatch(tx, batch, { importId, actor: request.actor.label, now });
    if (request.isDryRun) {
      throw new DryRunOver();
    }
  });
  await work.catch((error: unknown) => {
    if (!(error instanceof DryRunOver)) {
      throw error;
    }
  });
  return results;
}
