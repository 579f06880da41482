import { COMMON_PASSWORD_STEMS } from './common-passwords.ts';

export const PASSWORD_MIN_LENGTH = 12;
export const PASSWORD_MAX_LENGTH = 256;

export type PasswordVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: 'password_too_short' | 'password_too_long' | 'password_too_common' | 'password_is_address';
      readonly message: string;
    };

/**
 * A1: long enough, and not one of the first that anybody would try. No rules about kinds of characters: those make
 * passwords that are hard to remember and easy to guess. Length counts characters as people see them typed.
 */
export function judgePassword(password: string, address: string): PasswordVerdict {
  const plain = normalisePassword(password);
  const length = Array.from(plain).length;
  if (length < PASSWORD_MIN_LENGTH) {
    return {
      ok: false,
      code: 'password_too_short',
      message: `Use at least ${PASSWORD_MIN_LENGTH} characters. A few words in a row are easy to remember.`,
    };
  }
  if (length > PASSWORD_MAX_LENGTH) {
    return { ok: false, code: 'password_too_long', message: `Use at most ${PASSWORD_MAX_LENGTH} characters.` };
  }
  const folded = plain.toLowerCase();
  const [local = ''] = address.toLowerCase().split('@');
  if (folded === address.toLowerCase() || stemOf(folded) === local) {
    return { ok: false, code: 'password_is_address', message: 'Do not use your mail address as the password.' };
  }
  if (isCommon(folded)) {
    return {
      ok: false,
      code: 'password_too_common',
      message: 'This is among the first passwords anybody would try. Choose another.',
    };
  }
  return { ok: true };
}

/** The same characters typed on two systems must give the same bytes. */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

function isCommon(folded: string): boolean {
  return COMMON_PASSWORD_STEMS.has(stemOf(folded)) || COMMON_PASSWORD_STEMS.has(folded) || isPattern(folded);
}

/** Without the digits and signs that people put around a word to satisfy composition rules. */
function stemOf(folded: string): string {
  return folded.replace(/^[^\p{L}]+/u, '').replace(/[^\p{L}]+$/u, '');
}

/** One to four characters over and over, or digits in a row: `aaaaaaaaaaaa`, `abcabcabcabc`, `123456789012`. */
function isPattern(folded: string): boolean {
  return /^(.{1,4})\1+.{0,3}$/su.test(folded) || isStaircase(folded);
}

function isStaircase(folded: string): boolean {
  const codes = Array.from(folded, (character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  return steps.filter((step) => step === 1 || step === -1 || step === 0).length >= steps.length - 1;
}
