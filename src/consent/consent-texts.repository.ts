import { createHash } from 'node:crypto';
import type { DbOrTx } from '../platform/postgres/index.ts';

/** SHA-256 of a wording, UTF-8: its name in consent records. */
export function hashText(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/**
 * Stores wordings once. Remembers what it has stored, so that a signup does not ask the database for a wording that has
 * been there for years.
 */
export interface ConsentTexts {
  /** Idempotent. Call it outside the signup's transaction: a wording alone declares nothing. */
  ensure(db: DbOrTx, texts: readonly { readonly text: string; readonly locale: string }[], now: Date): Promise<void>;
}

export function createConsentTexts(): ConsentTexts {
  const known = new Set<string>();
  return {
    ensure: async (db, texts, now) => {
      const missing = texts.filter(({ text }) => !known.has(text));
      if (missing.length === 0) {
        return;
      }
      await db
        .insertInto('consent_texts')
        .values(missing.map(({ text, locale }) => ({ hash: hashText(text), text, locale, created_at: now })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      for (const { text } of missing) {
        // Wordings come from our forms and from callers of the API; the latter must not fill the memory.
        if (known.size < 1000) {
          known.add(text);
        }
      }
    },
  };
}
