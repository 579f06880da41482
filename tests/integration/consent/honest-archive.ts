import { seedLegalDocuments } from '../../../src/legal/index.ts';
import type { LegalDocumentId } from '../../../src/shared/ids.ts';
import { openArchive } from './archive.ts';
import type { Archive } from './archive.ts';

/** Seal by seal, the ids of its records. 9 was never written: its transaction failed. */
export const SEALS = [[1], [2, 3, 4, 5], [6], [7, 8, 10, 11, 12], [13], [14, 15]] as const;
export const NEVER = 9;
export const IDS = SEALS.flat();
/** Has wordings, documents, a form and details; the others have what leaving leaves. */
export const WORDED = 4;
const HOUR = 3_600_000;

export const sealOf = (id: number): number => SEALS.findIndex((ids) => ids.some((one) => one === id)) + 1;
export const firstOf = (seal: number): number | undefined => SEALS[seal - 1]?.[0];

/** An honest archive, to be tampered with. Its seals are an hour apart, so that the sealer looks back no further than the last. */
export async function openHonestArchive(): Promise<Archive> {
  const archive = await openArchive();
  await seedLegalDocuments(archive.db, archive.clock);
  const worded = await describeWorded(archive);
  for (const ids of SEALS) {
    for (const id of ids) {
      if (id === NEVER + 1) {
        await failToDeclare(archive, NEVER);
      }
      await archive.declare(id, undefined, id === WORDED ? worded : {});
    }
    await archive.seal();
    archive.clock.advance(HOUR);
  }
  return archive;
}

/** Uses up an id. */
async function failToDeclare(archive: Archive, subscriber: number): Promise<void> {
  await archive.db
    .transaction()
    .execute(async (tx) => {
      await archive.declare(subscriber, tx);
      throw new Error('cut off');
    })
    .catch(() => undefined);
}

async function describeWorded({ db }: Archive): Promise<NonNullable<Parameters<Archive['declare']>[2]>> {
  const documents = await db.selectFrom('legal_documents').select(['id', 'kind']).where('locale', '=', 'en').execute();
  const documentOf = (kind: string): LegalDocumentId | null => documents.find((one) => one.kind === kind)?.id ?? null;
  return {
    action: 'granted',
    consentText: 'I want The Weekly by mail.',
    termsText: 'I accept the terms.',
    privacyText: 'I have read the privacy notice.',
    termsDocumentId: documentOf('terms'),
    privacyDocumentId: documentOf('privacy'),
    formId: 'hosted',
    formVersion: 'abc',
    locale: 'en',
    pageUrl: 'https://example.org/',
    details: { note: 'as shown' },
  };
}
