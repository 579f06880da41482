import { z } from 'zod';
import type { LegalDocumentId } from '../shared/ids.ts';
import { LEGAL_CHANGES, LEGAL_KINDS } from './legal-document.ts';

/** BCP 47 in its canonical spelling, so that `de-at` and `de-AT` are one language. */
export const languageTag = z
  .string()
  .max(35)
  .transform((tag, context) => {
    const canonical = toCanonical(tag);
    if (canonical === undefined) {
      context.addIssue({ code: 'custom', message: 'Use a language tag such as en or de-AT.' });
      return z.NEVER;
    }
    return canonical;
  });

function toCanonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

/** Written in one way only: each version has one address. */
export const versionNumber = z
  .string()
  .regex(/^[1-9]\d{0,5}$/)
  .transform(Number);

const title = z.string().trim().min(1).max(120);
const markdown = z.string().trim().min(1).max(200_000);
const kind = z.enum(LEGAL_KINDS);
const revision = z.number().int().positive();
const order = {
  /** RFC 3339 with an offset; now when left out. */
  from: z.iso
    .datetime({ offset: true, error: 'Use RFC 3339 with an offset, such as 2026-12-01T00:00:00+01:00.' })
    .transform((text) => new Date(text))
    .optional(),
  change: z.enum(LEGAL_CHANGES).optional(),
};

export const publishBody = z.strictObject({ kind, locale: languageTag, title, markdown, ...order });
export const draftParams = z.strictObject({ kind, locale: languageTag });
export const draftBody = z.strictObject({
  /** A draft may still lack a title and words. */
  title: z.string().trim().max(120),
  markdown: z.string().max(200_000),
  revision: revision.nullable(),
});
export const discardQuery = z.strictObject({ revision: z.coerce.number().int().positive() });
export const publishDraftBody = z.strictObject({ revision, ...order });
export const previewBody = z.strictObject({
  kind,
  locale: languageTag,
  title: z.string().max(120),
  markdown: z.string().max(200_000),
});
export const documentParams = z.strictObject({
  id: z.coerce
    .number()
    .int()
    .positive()
    .transform((value) => value as LegalDocumentId),
});
