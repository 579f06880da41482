import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { writeCsvRow } from '../shared/csv.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { ExportFilter } from './subscriber.ts';
import { readExportPage } from './subscriber-export.repository.ts';
import type { ExportRow } from './subscriber-export.repository.ts';

/** The names that the import knows; a subscriber has a line for each newsletter. */
const COLUMNS = [
  'email',
  'name',
  'locale',
  'timezone',
  'newsletters',
  'status',
  'requested_at',
  'confirmed_at',
  'unsubscribed_at',
  'sections',
  'frequency',
  'suppressed',
] as const;

const PAGE_SIZE = 5000;

/**
 * All subscribers as CSV in pieces of a page each, as they were when it began: one snapshot, whatever happens meanwhile. Memory
 * stays flat however many there are. The audit entry is written first, so that an export that is cut off is on record too.
 * `onProgress` is told how many lines were made.
 */
export async function exportSubscribers(
  deps: { readonly db: Db },
  request: { readonly filter: ExportFilter; readonly actor: Actor; readonly onProgress?: (rows: number) => void },
  write: (piece: string) => Promise<void>,
): Promise<number> {
  const { filter, actor } = request;
  await recordAudit(deps.db, {
    actor,
    action: 'subscribers.exported',
    subjectKind: 'subscribers',
    subjectId: null,
    details: { ...filter },
  });
  return deps.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      await write(writeCsvRow(COLUMNS));
      let rows = 0;
      for (let lastId: SubscriberId | undefined; ;) {
        const page = await readExportPage(tx, filter, lastId, PAGE_SIZE);
        lastId = page.at(-1)?.subscriberId;
        if (lastId === undefined) {
          return rows;
        }
        await write(page.map(toLine).join(''));
        rows += page.length;
        request.onProgress?.(rows);
      }
    });
}

function toLine(row: ExportRow): string {
  return writeCsvRow([
    row.address,
    row.name ?? '',
    row.locale ?? '',
    row.timeZone ?? '',
    row.newsletter ?? '',
    // An import elsewhere must not write to somebody who is closed here.
    row.suppressed === '' ? (row.status ?? '') : 'suppressed',
    row.requestedAt ?? '',
    row.confirmedAt ?? '',
    row.unsubscribedAt ?? '',
    row.sections ?? '',
    row.frequency ?? '',
    row.suppressed,
  ]);
}
