import { describe, expect, it } from 'vitest';
import { chooseDocument, signupClosedReason } from '../../../src/legal/legal-document.ts';

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

describe('signupClosedReason', () => {
  it('closes sign-up while a text is a sample and mails leave this machine', () => {
    expect(signupClosedReason({ smtpIsLoopback: false }, true)?.code).toBe('legal_sample');
    expect(signupClosedReason({ smtpIsLoopback: true }, true)).toBeUndefined();
    expect(signupClosedReason({ smtpIsLoopback: false }, false)).toBeUndefined();
  });
});
