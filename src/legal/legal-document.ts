import { createHash } from 'node:crypto';
import type { Config } from '../config/index.ts';
import type { LegalDocumentId } from '../shared/ids.ts';

export const LEGAL_KINDS = ['terms', 'privacy'] as const;
export type LegalKind = (typeof LEGAL_KINDS)[number];

/** One published version. Immutable: a change is a new version. */
export interface LegalDocument {
  readonly id: LegalDocumentId;
  readonly kind: LegalKind;
  readonly locale: string;
  readonly version: number;
  readonly title: string;
  /** SHA-256 of the Markdown in hex. */
  readonly hash: string;
  /** True for the texts that ship with Courant, under whatever version they were published. */
  readonly isSample: boolean;
  readonly publishedAt: Date;
  /** Path of the page that shows the current version, below PUBLIC_URL. */
  readonly url: string;
}

export interface CurrentDocuments {
  readonly terms: LegalDocument;
  readonly privacy: LegalDocument;
}

/** SHA-256 of the Markdown as UTF-8. */
export function hashMarkdown(markdown: string): Buffer {
  return createHash('sha256').update(markdown, 'utf8').digest();
}

/**
 * Which of the newest versions per locale a reader gets: a text the publisher wrote beats a sample, then the reader's
 * language beats English, then English beats the rest.
 */
export function chooseDocument<Document extends Pick<LegalDocument, 'locale' | 'isSample'>>(
  newest: readonly Document[],
  locale: string,
): Document | undefined {
  const rank = (document: Document): number =>
    (document.isSample ? 8 : 0) +
    (document.locale === locale
      ? 0
      : sameLanguage(document.locale, locale)
        ? 1
        : sameLanguage(document.locale, 'en')
          ? 2
          : 3);
  return [...newest].sort((a, b) => rank(a) - rank(b))[0];
}

function sameLanguage(a: string, b: string): boolean {
  return a.split('-')[0]?.toLowerCase() === b.split('-')[0]?.toLowerCase();
}

export interface ClosedReason {
  readonly code: 'legal_sample';
  readonly message: string;
}

/**
 * Nobody may be asked to agree to a sample: while one is in place, mails leave this machine only for a trial. Closes
 * public signup and campaigns.
 */
export function signupClosedReason(
  config: Pick<Config, 'smtpIsLoopback'>,
  hasSample: boolean,
): ClosedReason | undefined {
  return hasSample && !config.smtpIsLoopback
    ? {
        code: 'legal_sample',
        message:
          'The terms or the privacy notice are still samples. Publish your own with POST /api/v1/legal-documents to open sign-up and campaigns.',
      }
    : undefined;
}
