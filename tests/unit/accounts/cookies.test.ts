import { expect, it } from 'vitest';
import { accountCookies } from '../../../src/accounts/cookies.ts';
import { readCookie } from '../../../src/http/index.ts';

it('uses the __Host- prefix and Secure on https only', () => {
  expect(accountCookies('https://news.example').session).toMatchObject({
    name: '__Host-session',
    options: { secure: true, httpOnly: true, sameSite: 'strict', path: '/' },
  });
  expect(accountCookies('http://localhost:3000').session).toMatchObject({
    name: 'session',
    options: { secure: false, httpOnly: true, sameSite: 'strict' },
  });
});

it('reads one cookie among others and nothing that is not a secret of ours', () => {
  expect(readCookie('a=1; session=abc-_9; b=2', 'session')).toBe('abc-_9');
  expect(readCookie('xsession=abc', 'session')).toBeUndefined();
  expect(readCookie('session=', 'session')).toBeUndefined();
  expect(readCookie('session="a b"', 'session')).toBeUndefined();
  expect(readCookie(`session=${'a'.repeat(5000)}`, 'session')).toBeUndefined();
  expect(readCookie(undefined, 'session')).toBeUndefined();
});
