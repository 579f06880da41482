import { recordAudit } from '../audit/index.ts';
import type { Recipient, RecipientFilter } from '../deliveries/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { writeCsvRow } from '../shared/csv.ts';
import type { CampaignId } from '../shared/ids.ts';
import { allRecipients } from './recipients.ts';

const COLUMNS = [
  'email',
  'state',
  'reason',
  'reply_code',
  'enhanced_code',
  'server_said',
  'attempts',
  'last_sent_at',
  'settled_at',
  'next_try_at',
] as const;

export interface RecipientsExport {
  readonly id: CampaignId;
  readonly state: RecipientFilter | undefined;
  readonly actor: Actor;
  /** `json`: an object in each line. */
  readonly format: 'csv' | 'json';
  /** Told how many lines were made. */
  readonly onProgress?: (rows: number) => void;
}

/**
 * Who got a campaign, as text in pieces of a page each. The audit entry is written first, so that an export that is cut off is on record too.
 */
export async function* exportRecipients(deps: { readonly db: Db }, request: RecipientsExport): AsyncGenerator<string> {
  const { id, state, actor, format } = request;
  await recordAudit(deps.db, {
    actor,
    action: 'campaign.recipients_exported',
    subjectKind: 'campaign',
    subjectId: id,
    details: { state: state ?? 'any' },
  });
  if (format === 'csv') {
    yield writeCsvRow(COLUMNS);
  }
  let rows = 0;
  for await (const page of allRecipients(deps.db, id, state)) {
    yield page.map(format === 'csv' ? toLine : (recipient) => `${JSON.stringify(recipient)}\n`).join('');
    rows += page.length;
    request.onProgress?.(rows);
  }
}

function toLine(recipient: Recipient): string {
  return writeCsvRow([
    recipient.address,
    recipient.state,
    recipient.reason ?? '',
    String(recipient.replyCode ?? ''),
    recipient.enhancedCode ?? '',
    recipient.serverWords ?? '',
    String(recipient.attempt),
    recipient.dotAt?.toISOString() ?? '',
    recipient.settledAt?.toISOString() ?? '',
    recipient.dueAt?.toISOString() ?? '',
  ]);
}
