import { recordConsent } from '../consent/index.ts';
import type { Circumstances, ShownWording } from '../consent/index.ts';
import type { PreferenceDeps } from './preference-deps.ts';
import type { Reader } from './reader.ts';
import { setDetails } from './readers.repository.ts';

/** Language and time zone. The record says what changed, not to what: that is the person's, and stands in their row. */
export async function changeDetails(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'random'>,
  reader: Reader,
  details: { readonly locale: string; readonly timeZone: string | null },
  circumstances: Pick<Circumstances, 'ip' | 'agent'> & ShownWording,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const fields = await setDetails(tx, reader.id, details);
    if (fields.length > 0) {
      await recordConsent(
        { db: tx, random: deps.random },
        {
          action: 'changed',
          subscriberId: reader.id,
          newsletterIds: null,
          address: reader.address,
          at: deps.clock.now(),
          method: 'button',
          actor: 'subscriber',
          details: { fields },
          ...circumstances,
        },
      );
    }
  });
}
