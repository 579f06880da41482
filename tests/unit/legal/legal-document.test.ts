import { describe, expect, it } from 'vitest';
import { chooseDocument, signupClosedReason, stateOf } from '../../../src/legal/legal-document.ts';
import type { LegalDocument } from '../../../src/legal/legal-document.ts';
import { legalDocument } from './sample-version.ts';

const sample = (locale: string) => ({ locale, isSample: true });
const own = (locale: string) => ({ locale, isSample: false });

describe('chooseDocument', () => {
  it.each([
    ["the reader's language", [own('en'), own('de')], 'de', own('de')],
    ['the language when the region has none', [own('en'), own('de')], 'de-AT', own('de')],
    ['English otherwise', [own('de'), own('en')], 'fr', own('en')],
    ["the publisher's text before a sample in the reader's language", [sample('en'), own('de')], 'en', own('de')],
    ['a sample when there is nothing else', [sample('en')], 'de', sample('en')],
  ])('takes %s', (_name, newest, locale, expected) => {
    expect(chooseDocument(newest, locale)).toEqual(expected);
  });
});

describe('stateOf', () => {
  const now = new Date('2026-12-01T00:00:00Z');
  const before = new Date('2026-11-30T23:59:59.999Z');
  const after = new Date('2026-12-01T00:00:00.001Z');

  it.each<[string, Partial<LegalDocument>, readonly LegalDocument[], string]>([
    ['the highest in effect is current', { version: 2, publishedAt: now }, [legalDocument({ version: 1 })], 'current'],
    ['a lower one is earlier', { version: 1 }, [legalDocument({ version: 2, publishedAt: now })], 'earlier'],
    [
      'one to come replaces nothing yet',
      { version: 1 },
      [legalDocument({ version: 2, publishedAt: after })],
      'current',
    ],
    ['one to come is scheduled', { version: 2, publishedAt: after }, [], 'scheduled'],
    ['a withdrawn one never was', { version: 2, publishedAt: before, isWithdrawn: true }, [], 'withdrawn'],
    ['a withdrawn one replaces nothing', { version: 1 }, [legalDocument({ version: 2, isWithdrawn: true })], 'current'],
    ['another language replaces nothing', { version: 1 }, [legalDocument({ version: 2, locale: 'de' })], 'current'],
    ['another text replaces nothing', { version: 1 }, [legalDocument({ version: 2, kind: 'privacy' })], 'current'],
  ])('%s', (_name, changes, others, expected) => {
    const document = legalDocument({ publishedAt: before, ...changes });
    expect(stateOf(document, [document, ...others], now)).toBe(expected);
  });
});

describe('signupClosedReason', () => {
  it('closes sign-up while a text is a sample and mails leave this machine', () => {
    expect(signupClosedReason({ smtpIsLoopback: false }, true)?.code).toBe('legal_sample');
    expect(signupClosedReason({ smtpIsLoopback: true }, true)).toBeUndefined();
    expect(signupClosedReason({ smtpIsLoopback: false }, false)).toBeUndefined();
  });
});
