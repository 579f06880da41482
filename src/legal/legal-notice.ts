import { formatDay, matchLocale, translatorFor } from '../i18n/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { IssueId, LegalDocumentId } from '../shared/ids.ts';
import { LEGAL_KINDS, chooseDocument } from './legal-document.ts';
import type { LegalDocument } from './legal-document.ts';
import { selectNewestDocuments } from './legal.repository.ts';
import { deleteNotices, insertNotices, selectUntoldVersions } from './notices.repository.ts';
import type { UntoldVersion } from './notices.repository.ts';

/** The line of an issue that tells of a new version, in the newsletter's language. Plain data, frozen with the issue. */
export interface LegalNotice {
  readonly text: string;
  readonly readText: string;
  /** Of exactly this version, below PUBLIC_URL. */
  readonly path: string;
  /** Present when readers are asked to accept: the words of a link that each of them has for themselves. */
  readonly acceptText?: string;
}

export interface PendingNotices {
  readonly lines: readonly LegalNotice[];
  readonly documentIds: readonly LegalDocumentId[];
}

/**
 * What the next issue of this newsletter has to tell: one line for each text that has changed, however many versions there
 * were since the last issue. Writes nothing.
 */
export async function findPendingNotices(
  db: DbOrTx,
  newsletter: Pick<Newsletter, 'id' | 'locale' | 'timeZone'>,
  now: Date,
): Promise<PendingNotices> {
  const untold = await selectUntoldVersions(db, newsletter.id, now);
  if (untold.length === 0) {
    return { lines: [], documentIds: [] };
  }
  const newest = await selectNewestDocuments(db, now);
  const told = LEGAL_KINDS.flatMap((kind) => {
    const current = chooseDocument(
      newest.filter((document) => document.kind === kind),
      newsletter.locale,
    );
    // Versions in a language that this newsletter does not speak are another newsletter's news.
    const versions = untold.filter((version) => version.kind === kind && version.locale === current?.locale);
    return current === undefined || versions.length === 0 ? [] : [{ current, versions }];
  });
  return {
    lines: told.map(({ current, versions }) => writeLine(current, versions, newsletter)),
    documentIds: told.flatMap(({ versions }) => versions.map(({ id }) => id)),
  };
}

function writeLine(
  current: LegalDocument,
  versions: readonly UntoldVersion[],
  newsletter: Pick<Newsletter, 'locale' | 'timeZone'>,
): LegalNotice {
  const locale = matchLocale(newsletter.locale);
  const text = translatorFor(locale);
  const asksToAccept = versions.some(({ change }) => change === 'acceptance');
  const date = formatDay(locale, current.publishedAt, newsletter.timeZone);
  return {
    text: text(asksToAccept ? 'legal_notice.terms_to_accept' : `legal_notice.${current.kind}`, { date }),
    readText: text('legal_notice.read'),
    path: current.url,
    ...(asksToAccept ? { acceptText: text('legal_notice.accept') } : {}),
  };
}

/** In the transaction that builds the issue, so that each line is in exactly one. */
export async function recordNotices(
  tx: Tx,
  notices: PendingNotices,
  issue: { readonly newsletterId: Newsletter['id']; readonly issueId: IssueId },
): Promise<void> {
  if (notices.documentIds.length > 0) {
    await insertNotices(tx, { ...issue, documentIds: notices.documentIds });
  }
}

/** An issue that is dropped told nobody: the next one will. */
export async function releaseNotices(tx: Tx, issueId: IssueId): Promise<void> {
  await deleteNotices(tx, issueId);
}
