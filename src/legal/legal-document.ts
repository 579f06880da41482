import { createHash } from 'node:crypto';
import type { Config } from '../config/index.ts';
import type { LegalDocumentId } from '../shared/ids.ts';

export const LEGAL_KINDS = ['terms', 'privacy'] as const;
export type LegalKind = (typeof LEGAL_KINDS)[number];

/**
 * What a new version means for those who accepted an earlier one: nothing; a line in the next issue; the same line, which
 * asks them to accept once. An older version alone stops nobody's mail.
 */
export const LEGAL_CHANGES = ['editorial', 'notice', 'acceptance'] as const;
export type LegalChange = (typeof LEGAL_CHANGES)[number];

/*
 * from                     to
 * (draft is published)     scheduled (from a day to come), in effect
 * scheduled                in effect (by the clock alone), withdrawn
 * in effect, withdrawn     (final; `current` is the highest version in effect)
 */
export const DOCUMENT_STATES = ['scheduled', 'current', 'earlier', 'withdrawn'] as const;
export type DocumentState = (typeof DOCUMENT_STATES)[number];

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
  readonly change: LegalChange;
  /** From when on it is in effect; may be to come. */
  readonly publishedAt: Date;
  /** Taken back before it took effect: it never was. */
  readonly isWithdrawn: boolean;
  /** Path of the page of exactly this version, below PUBLIC_URL. Never changes. */
  readonly url: string;
}

export interface CurrentDocuments {
  readonly terms: LegalDocument;
  readonly privacy: LegalDocument;
}

export function documentUrl({ kind, locale, version }: Pick<LegalDocument, 'kind' | 'locale' | 'version'>): string {
  return `/${kind}/${locale}/${version}`;
}

export function isInEffect(document: Pick<LegalDocument, 'publishedAt' | 'isWithdrawn'>, now: Date): boolean {
  return !document.isWithdrawn && document.publishedAt <= now;
}

/** What each version is now, given all of them. */
export function stateOf(document: LegalDocument, all: readonly LegalDocument[], now: Date): DocumentState {
  if (document.isWithdrawn) {
    return 'withdrawn';
  }
  if (!isInEffect(document, now)) {
    return 'scheduled';
  }
  const isReplaced = all.some(
    (other) =>
      other.kind === document.kind &&
      other.locale === document.locale &&
      other.version > document.version &&
      isInEffect(other, now),
  );
  return isReplaced ? 'earlier' : 'current';
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
          'The terms or the privacy notice are still samples. Publish your own in the admin under Settings, Legal texts, to open sign-up and campaigns.',
      }
    : undefined;
}
