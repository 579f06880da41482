import type { Db } from '../platform/postgres/index.ts';
import { inputError, notFound } from '../shared/app-error.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { SubscriberSummary } from './subscriber.ts';
import { selectSubscriber, selectSubscriberByKey } from './subscribers.repository.ts';

/** @throws AppError `subscriber_not_found`. */
export async function requireSubscriber(db: Db, id: SubscriberId): Promise<SubscriberSummary> {
  const subscriber = await selectSubscriber(db, id);
  if (subscriber === undefined) {
    throw notFound('subscriber_not_found', 'There is no such subscriber.');
  }
  return subscriber;
}

/** @throws AppError `email_invalid` or `subscriber_not_found`. */
export async function requireSubscriberByAddress(db: Db, input: string): Promise<SubscriberSummary> {
  const parsed = parseEmailAddress(input);
  if (parsed === undefined) {
    throw inputError('email_invalid', 'This is not a mail address.');
  }
  const subscriber = await selectSubscriberByKey(db, parsed.key);
  if (subscriber === undefined) {
    throw notFound('subscriber_not_found', 'Nobody with this address has subscribed.');
  }
  return subscriber;
}
