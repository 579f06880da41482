import { findRecipientStory, listRecipients, messageIdOf, readSettledMails } from '../deliveries/index.ts';
import type { Recipient, RecipientFilter, RecipientStory } from '../deliveries/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { CampaignId, DeliveryId, SubscriberId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';

const PAGE_SIZE = 5000;

/**
 * A whole audience, page by page, so that memory stays flat. Each page is read by itself: who belongs to a frozen audience never changes, and
 * a snapshot held open for as long as somebody downloads would keep PostgreSQL from tidying up behind the mails that leave meanwhile.
 */
export async function* allRecipients(
  db: DbOrTx,
  campaignId: CampaignId,
  state: RecipientFilter | undefined,
): AsyncGenerator<readonly Recipient[]> {
  let after: SubscriberId | undefined;
  for (;;) {
    const page = await listRecipients(db, { campaignId, state, after, limit: PAGE_SIZE });
    after = page.at(-1)?.subscriberId;
    if (after === undefined) {
      return;
    }
    yield page;
  }
}

/** With the Message-ID, by which the log of a relay tells what became of it; null when the key it was made with is gone. */
export async function addMessageIds<Row extends Recipient>(
  deps: { readonly db: DbOrTx; readonly keyring: Keyring },
  recipients: readonly Row[],
): Promise<readonly (Row & { readonly messageId: string | null })[]> {
  const mails = await readSettledMails(
    deps.db,
    recipients.map(({ deliveryId }) => deliveryId),
  );
  const ids = new Map(
    mails
      .filter(({ keyId }) => deps.keyring.keys.has(keyId))
      .map((mail) => [mail.id, messageIdOf(mail, mail, deps.keyring)]),
  );
  return recipients.map((recipient) => ({ ...recipient, messageId: ids.get(recipient.deliveryId) ?? null }));
}

/** @throws AppError `delivery_not_found`. */
export async function requireRecipientStory(
  deps: { readonly db: DbOrTx; readonly keyring: Keyring },
  campaignId: CampaignId,
  id: DeliveryId,
): Promise<RecipientStory & { readonly messageId: string | null }> {
  const story = await findRecipientStory(deps.db, campaignId, id);
  const [traceable] = await addMessageIds(deps, story === undefined ? [] : [story]);
  if (traceable === undefined) {
    throw notFound('delivery_not_found', 'There is no such mail in this campaign.');
  }
  return traceable;
}
