import { expect, it } from 'vitest';
import { judgePassword } from '../../../src/accounts/password.ts';

const ADDRESS = 'ada.lovelace@example.org';

it.each([
  'quiet river under stones',
  'Tr0ubadour&3horses',
  'ünïcödé-Wörter-überall',
  'correct horse battery',
  'x'.repeat(4) + 'quarterly-garden',
])('takes %s', (password) => {
  expect(judgePassword(password, ADDRESS)).toEqual({ ok: true });
});

it.each([
  ['short', 'password_too_short'],
  ['elevenchars', 'password_too_short'],
  ['Password2026!', 'password_too_common'],
  ['!!password!!!', 'password_too_common'],
  ['passwordpassword', 'password_too_common'],
  ['123456789012', 'password_too_common'],
  ['abcabcabcabc', 'password_too_common'],
  ['aaaaaaaaaaaaa', 'password_too_common'],
  ['abcdefghijklm', 'password_too_common'],
  ['Ada.Lovelace@example.org', 'password_is_address'],
  ['ada.lovelace1815', 'password_is_address'],
  ['long enough '.repeat(22), 'password_too_long'],
])('refuses %s as %s', (password, code) => {
  expect(judgePassword(password, ADDRESS)).toMatchObject({ ok: false, code });
});

it('counts characters as people see them, not code units', () => {
  expect(judgePassword('🦊🐻🐼🐨🐯🦁', ADDRESS)).toMatchObject({ code: 'password_too_short' });
  expect(judgePassword('🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧', ADDRESS)).toEqual({ ok: true });
});
