import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { writeCsvRow } from '../shared/csv.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { Campaign } from './campaign.ts';
import type { CompileDeps } from './compile-campaign.ts';
import { listMissingMergeData } from './missing-merge-data.ts';

const PAGE_SIZE = 5000;

/**
 * Who lacks what a campaign prints, as text in pieces of a page each; `json` is an object in each line. The audit entry is written first, so that
 * an export that is cut off is on record too.
 */
export async function* exportMissingMergeData(
  deps: CompileDeps & { readonly db: Db; readonly clock: Clock },
  campaign: Campaign,
  request: {
    readonly actor: Actor;
    readonly format: 'csv' | 'json';
    readonly onProgress?: (rows: number) => void;
  },
): AsyncGenerator<string> {
  const { actor, format } = request;
  const subject = { subjectKind: 'campaign', subjectId: campaign.id };
  await recordAudit(deps.db, { actor, action: 'campaign.missing_exported', ...subject });
  if (format === 'csv') {
    yield writeCsvRow(['email', 'missing']);
  }
  let after: SubscriberId | undefined;
  let rows = 0;
  do {
    const page = await listMissingMergeData(deps, campaign, { after, limit: PAGE_SIZE });
    const lines = page.readers.map(({ address }) =>
      format === 'csv' ? writeCsvRow([address, page.field]) : `${JSON.stringify({ address, missing: [page.field] })}\n`,
    );
    if (lines.length > 0) {
      yield lines.join('');
    }
    rows += lines.length;
    request.onProgress?.(rows);
    after = page.nextCursor ?? undefined;
  } while (after !== undefined);
}
