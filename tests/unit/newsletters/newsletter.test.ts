import { describe, expect, it } from 'vitest';
import { newNewsletterSchema, newsletterChangesSchema } from '../../../src/newsletters/newsletter-input.ts';
import { effectiveIdentity } from '../../../src/newsletters/newsletter.ts';
import { distinctSlug, slugify } from '../../../src/newsletters/slug.ts';
import { parseEmailAddress } from '../../../src/shared/email-address.ts';

const UNSET = { fromName: null, fromAddress: null, replyTo: null, postalAddress: null, imprintUrl: null };

describe('effectiveIdentity', () => {
  it('takes the environment for what a newsletter leaves open', () => {
    const config = { mailFrom: 'news@example.org', postalAddress: '1 Quay Street' };
    expect(effectiveIdentity({ name: 'The Weekly', ...UNSET }, config)).toEqual({
      fromName: 'The Weekly',
      fromAddress: 'news@example.org',
      replyTo: null,
      postalAddress: '1 Quay Street',
      imprintUrl: null,
    });
  });

  it("prefers the newsletter's own values", () => {
    const own = { ...UNSET, fromName: 'Ana', fromAddress: 'ana@example.org', postalAddress: '2 Quay Street' };
    const identity = effectiveIdentity(
      { name: 'The Weekly', ...own },
      { mailFrom: 'x@example.org', postalAddress: 'x' },
    );
    expect(identity).toMatchObject({ fromName: 'Ana', fromAddress: 'ana@example.org', postalAddress: '2 Quay Street' });
  });

  it('has an address that mail servers take while only the local inbox is there', () => {
    const { fromAddress } = effectiveIdentity(
      { name: 'The Weekly', ...UNSET },
      { mailFrom: undefined, postalAddress: undefined },
    );
    expect(parseEmailAddress(fromAddress)).toBeDefined();
  });
});

describe('newsletter settings', () => {
  const fieldsOf = (input: unknown): readonly string[] =>
    newNewsletterSchema.safeParse(input).error?.issues.map((issue) => issue.path.join('.')) ?? [];

  it('refuses what would break a mail header or an address', () => {
    expect(fieldsOf({ name: 'The\r\nBcc: x' })).toEqual(['name']);
    expect(fieldsOf({ name: 'A', fromName: 'The\u0000' })).toEqual(['fromName']);
    expect(fieldsOf({ name: 'A', fromAddress: 'Ana <ana@example.org>' })).toEqual(['fromAddress']);
    expect(fieldsOf({ name: 'A', replyTo: 'a@b, c@d' })).toEqual(['replyTo']);
    expect(fieldsOf({ name: 'A', imprintUrl: 'javascript:alert(1)' })).toEqual(['imprintUrl']);
    expect(fieldsOf({ name: 'A', slug: 'Not A Slug' })).toEqual(['slug']);
    expect(fieldsOf({ name: 'A', locale: 'english language' })).toEqual(['locale']);
    expect(fieldsOf({ name: 'A', maxPerSection: 0 })).toEqual(['maxPerSection']);
    expect(newNewsletterSchema.safeParse({ name: 'A', surprise: 1 }).success).toBe(false);
  });

  it('takes an emptied field as "use the default", and leaves out what was not sent', () => {
    expect(newsletterChangesSchema.parse({ fromAddress: '', postalAddress: '' })).toEqual({
      fromAddress: null,
      postalAddress: null,
    });
  });
});

describe('slugs', () => {
  it('come from the name, without accents, and are never empty', () => {
    expect(slugify('Die Wöchentliche & Café', 'x')).toBe('die-wochentliche-cafe');
    expect(slugify('日本', 'newsletter')).toBe('newsletter');
    expect(slugify('a'.repeat(100), 'x')).toHaveLength(60);
  });

  it('get a number when taken, and stay short', () => {
    expect(distinctSlug('city', new Set(['city', 'city-2']))).toBe('city-3');
    const long = 'a'.repeat(60);
    expect(distinctSlug(long, new Set([long]))).toBe(`${'a'.repeat(58)}-2`);
  });
});
