import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { ConsentEntry } from './consent-record.ts';
import type { ConsentTexts } from './consent-texts.repository.ts';

/** What a page of ours said beside the button that was pressed, as a consent record names it. */
export type ShownWording = Pick<ConsentEntry, 'consentText' | 'locale' | 'pageUrl'>;

/** Where it was shown: the language of the page, and its address without token or query. */
export interface ShownPage {
  readonly locale: string;
  readonly url: string;
}

/**
 * Stores the lines of a page that a declaration rests on, once. Before the transaction that declares it: a wording alone declares
 * nothing. The lines hold no value of a person, so never the address that the page shows.
 */
export async function storeWording(
  deps: { readonly db: Db; readonly clock: Clock; readonly consentTexts: ConsentTexts },
  { locale, url }: ShownPage,
  lines: readonly string[],
): Promise<ShownWording> {
  const consentText = lines.join('\n');
  await deps.consentTexts.ensure(deps.db, [{ text: consentText, locale }], deps.clock.now());
  return { consentText, locale, pageUrl: url };
}
