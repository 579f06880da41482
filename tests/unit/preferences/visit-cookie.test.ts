import { expect, it } from 'vitest';
import { visitCookie } from '../../../src/preferences/visit-cookie.ts';

it('is tied to the host and to https wherever there is https (A3)', () => {
  expect(visitCookie('https://news.example.org')).toEqual({
    name: '__Host-preferences',
    options: { httpOnly: true, sameSite: 'strict', path: '/', secure: true, maxAge: 1_800_000 },
  });
});

it('goes without on plain http, which is possible on loopback only', () => {
  expect(visitCookie('http://localhost:3000')).toMatchObject({ name: 'preferences', options: { secure: false } });
});
